"""What a refused `connect` means to a person: what happened, where, and the one command that mends it. Pure.

Source: protocol §7, §8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clawfleet.core.errors import AccessError


class ConnectRefused(AccessError):
    """The gateway answered `connect` with an error; `detail_code` is the stable word of protocol §7."""

    code = "CONNECT_REFUSED"

    def __init__(self, message: str, *, detail_code: str, hint: str | None = None, **details: object) -> None:
        super().__init__(message, hint=hint, code=detail_code, **details)
        self.detail_code = detail_code


def connect_refused(error: Mapping[str, Any]) -> ConnectRefused:
    """The failure that an error answer to `connect` is."""
    told = error.get("details")
    details: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    code = str(details.get("code") or error.get("code") or "")
    known = {"requestId": details.get("requestId"), "retryAfterMs": error.get("retryAfterMs")}
    return ConnectRefused(
        _message(code, str(error.get("message") or "no reason given"), details),
        detail_code=code,
        hint="\n".join(_hints(code, details)) or None,
        **{name: value for name, value in known.items() if value is not None},
    )


def _message(code: str, said: str, details: Mapping[str, Any]) -> str:
    if code != "PAIRING_REQUIRED":
        return f"gateway connect failed: {said}"
    request_id = details.get("requestId")
    word = _PAIRING.get(str(details.get("reason")), "device pairing required")
    return word + (f" (requestId: {request_id})" if request_id else "")


def _hints(code: str, details: Mapping[str, Any]) -> list[str]:
    first = details.get("hint") or _HINTS.get(code)
    if code == "PAIRING_REQUIRED":
        first = f"on the gateway's host: {_approve(details)}"
    gateway = details.get("gateway")
    return [str(line) for line in (first, _reached(gateway) if isinstance(gateway, Mapping) else None) if line]


def _approve(details: Mapping[str, Any]) -> str:
    """The command that approves; the gateway's own knows its profile."""
    if str(details.get("hint")).startswith("openclaw "):
        return str(details["hint"])
    request_id = details.get("requestId")
    return f"openclaw devices {f'approve {request_id}' if request_id else 'list'}"


def _reached(gateway: Mapping[str, Any]) -> str:
    """Which gateway it was that refused."""
    facts = (("port", "port"), ("pid", "pid"), ("state dir", "stateDir"))
    shown = ", ".join(f"{word} {gateway[key]}" for word, key in facts if gateway.get(key))
    return f"answered by gateway {gateway.get('instanceId') or 'of unknown name'}" + (f" ({shown})" if shown else "")


_PAIRING = {
    "role-upgrade": "role upgrade pending approval",
    "scope-upgrade": "scope upgrade pending approval",
    "metadata-upgrade": "device metadata change pending approval",
}
_NEW_KEY = "remove device.json in <state dir>/clawfleet/identity; the next command makes a new key"
_HINTS = {
    "AUTH_TOKEN_MISMATCH": "this gateway has another token: leave out --token to use this instance's own",
    "AUTH_TOKEN_MISSING": "pass --token, or set gateway.auth.token or OPENCLAW_GATEWAY_TOKEN",
    "AUTH_PASSWORD_MISMATCH": "pass the gateway's password with --password",
    "AUTH_PASSWORD_MISSING": "pass --password, or set gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD",
    "AUTH_DEVICE_TOKEN_MISMATCH": "this device's token had ended and was forgotten; pass --token to get a new one",
    "AUTH_SCOPE_MISMATCH": "this device's token allows less than the command needs; pass --token to ask for more",
    "DEVICE_IDENTITY_REQUIRED": "pass --token or --password, or set gateway.auth.token or OPENCLAW_GATEWAY_TOKEN",
    "DEVICE_AUTH_SIGNATURE_INVALID": _NEW_KEY,
    "DEVICE_AUTH_DEVICE_ID_MISMATCH": _NEW_KEY,
    "AUTH_RATE_LIMITED": "too many wrong secrets from this address; wait five minutes",
    "PROTOCOL_MISMATCH": "command and gateway are of different ages; update the older one",
}
