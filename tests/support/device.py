"""A device for tests: a key pair that signs a handshake as the protocol's clients do.

It knows nothing of the gateway's own code, so that it can judge it. Source: protocol §5.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping
from typing import Any

from nacl.bindings import crypto_sign, crypto_sign_BYTES, crypto_sign_seed_keypair


class DeviceKey:
    """One device; the same `name` is the same device."""

    def __init__(self, name: str = "device") -> None:
        self.public, self._private = crypto_sign_seed_keypair(hashlib.sha256(name.encode()).digest())
        self.id = hashlib.sha256(self.public).hexdigest()

    @property
    def public_key(self) -> str:
        """The public key as clients write it."""
        return _text(self.public)

    def sign(
        self, params: Mapping[str, Any], nonce: str, *, version: str = "v3", signed_at: int | None = None
    ) -> dict[str, Any]:
        """The `device` that belongs to these parameters of `connect`."""
        at = int(time.time() * 1000) if signed_at is None else signed_at
        text = self.text(params, nonce, version=version, signed_at=at)
        return {
            "id": self.id,
            "publicKey": self.public_key,
            "signature": _text(crypto_sign(text.encode(), self._private)[:crypto_sign_BYTES]),
            "signedAt": at,
            "nonce": nonce,
        }

    def text(self, params: Mapping[str, Any], nonce: str, *, version: str, signed_at: int) -> str:
        """What is signed."""
        client, auth = params["client"], params.get("auth") or {}
        token = auth.get("token") or auth.get("deviceToken") or auth.get("bootstrapToken") or ""
        scopes = ",".join(params.get("scopes") or ())
        role = params.get("role", "operator")
        fields = [version, self.id, client["id"], client["mode"], role, scopes, str(signed_at), token, nonce]
        if version == "v3":
            fields += [_lower(client["platform"]), _lower(client.get("deviceFamily", ""))]
        return "|".join(fields)


def _lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text.strip())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
