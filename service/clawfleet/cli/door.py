"""What one command shows at one gateway's door, and what it makes of a refusal: it forgets just what proved stale.

By a shared secret alone it needs no device; with an identity directory it comes as a device. Source: protocol §5, §6.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clawfleet.cli.refusals import ConnectRefused

_STALE = ("AUTH_TOKEN_MISMATCH", "AUTH_DEVICE_TOKEN_MISMATCH")


class Door:
    """The way into the gateway at `url`: the shared secret if there is one, else what this device was issued there."""

    def __init__(self, url: str, token: str | None, password: str | None, identity_dir: Path | None) -> None:
        self._url = url
        self._token = token
        self._password = password
        self._folder = identity_dir
        self._place = ""
        self._role = ""
        self._issued: str | None = None
        self._shows_issued = False

    def present(self, params: Mapping[str, Any], challenge: Mapping[str, Any]) -> dict[str, Any]:
        """`connect` parameters with credential and device, under this socket's challenge. Raises IdentityUnusable."""
        if self._folder is None:
            return {**params, "auth": _given(token=self._token, password=self._password)}
        from clawfleet.cli import device

        self._place = f"{self._url} {challenge.get('instanceId') or ''}".rstrip()
        self._role = str(params["role"])
        self._issued = device.issued_token(self._folder, self._place, self._role)
        self._shows_issued = self._token is None and self._issued is not None
        token = self._issued if self._shows_issued else self._token
        auth = _given(token=token, password=self._password, deviceToken=self._issued if self._shows_issued else None)
        proof = device.own_identity(self._folder).prove(
            params,
            token=token,
            nonce=str(challenge.get("nonce") or ""),
            signed_at_ms=int(challenge.get("ts") or time.time() * 1000),
        )
        return {**params, "auth": auth, "device": proof}

    def learn(self, refusal: ConnectRefused) -> bool:
        """Take a refusal in. True when something else is left to show, so that another attempt makes sense."""
        if self._folder is None or refusal.detail_code not in _STALE:
            return False
        if not self._shows_issued:
            self._token = None
            return self._issued is not None
        from clawfleet.cli import device

        device.forget_token(self._folder, self._place, self._role)
        return False

    def accepted(self, auth: Mapping[str, Any]) -> None:
        """Keep the device token that came with `hello-ok`, if one did."""
        if self._folder is None or not auth.get("deviceToken"):
            return
        from clawfleet.cli import device

        device.keep_token(self._folder, self._place, auth)


def _given(**credentials: str | None) -> dict[str, str]:
    return {name: value for name, value in credentials.items() if value}
