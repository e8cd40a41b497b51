"""How a client is turned away at the gate: the exact words and details of the protocol, which gateway it reached, and
the command that mends it. Pure. Source: protocol §7–8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from clawfleet.access.device_policy import REQUIREMENTS, Reason
from clawfleet.access.device_records import Ask, PairedDevice, PairRequest, normalised
from clawfleet.access.gateway_auth import Denied
from clawfleet.protocol.device import DeviceFault
from clawfleet.protocol.handshake import CONTROL_UI, Connect, Refused


@dataclass(frozen=True, slots=True)
class Identity:
    """Which gateway this is, as a refused client may know it. `state_dir` is the directory's name, not its path.

    `command` is how its command line is called, with the profile if there is one.
    """

    instance_id: str
    port: int
    pid: int
    state_dir: str
    command: str = "openclaw"

    @property
    def shown(self) -> dict[str, Any]:
        """As details carry it."""
        return {"instanceId": self.instance_id, "port": self.port, "pid": self.pid, "stateDir": self.state_dir}


def denied(connect: Connect, why: Denied, *, wait_ms: int | None = None, delay_ms: int = 0) -> Refused:
    """A credential is missing or wrong."""
    return Refused(
        1008, why.message, connect.request_id, details=why.details, retry_after_ms=wait_ms, delay_ms=delay_ms
    )


def identity_required(connect: Connect) -> Refused:
    """Somebody shows nothing at all. Real command lines take this very answer as the sign of a living gateway."""
    details = {"code": "DEVICE_IDENTITY_REQUIRED"}
    return Refused(1008, "device identity required", connect.request_id, "NOT_PAIRED", details)


def page_identity_required(connect: Connect) -> Refused:
    """A page or terminal UI shows no device."""
    details = {"code": "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"}
    message = "control ui requires device identity (use HTTPS or localhost secure context)"
    return Refused(1008, message, connect.request_id, details=details)


def bad_proof(connect: Connect, fault: DeviceFault) -> Refused:
    """A device does not prove itself."""
    details = {"code": fault.code, "reason": fault.reason}
    return Refused(1008, fault.message, connect.request_id, details=details)


def bad_origin(connect: Connect, origin: str | None) -> Refused:
    """A web page of a stranger."""
    reason = "origin missing or invalid" if origin in (None, "null") else "origin not allowed"
    return Refused(
        1008,
        "origin not allowed (open the Control UI from the gateway host "
        "or allow it in gateway.controlUi.allowedOrigins)",
        connect.request_id,
        details={"code": "CONTROL_UI_ORIGIN_NOT_ALLOWED", "reason": reason},
    )


def pairing_required(
    connect: Connect, reason: Reason, request: PairRequest, *, ask: Ask, known: PairedDevice | None
) -> Refused:
    """A device must be approved first."""
    requirement, remedy = REQUIREMENTS[reason]
    message = f"pairing required: {requirement}"
    details: dict[str, Any] = {
        "code": "PAIRING_REQUIRED",
        "reason": reason,
        "requestId": request.request_id,
        "remediationHint": remedy,
        "deviceId": ask.device_id,
        "requestedRole": ask.role,
    }
    if ask.scopes:
        details["requestedScopes"] = list(ask.scopes)
    if known is not None:
        details |= {"approvedRoles": list(known.roles), "approvedScopes": list(normalised(known.scopes))}
    if connect.params.client.id == CONTROL_UI:
        details |= {"recommendedNextStep": "wait_then_retry", "retryable": True, "pauseReconnect": False}
    closing = f"{message} (requestId: {request.request_id})"
    return Refused(1008, message, connect.request_id, "NOT_PAIRED", details, reason=closing)


def explained(refused: Refused, identity: Identity, origin: str | None) -> Refused:
    """The same refusal, saying which gateway was reached and what mends it."""
    more = {"gateway": identity.shown, "hint": _hint(refused, identity.command, origin)}
    return replace(refused, details=refused.details | more)


_FRESH = "open a page with a fresh link: {command} dashboard"
_KEY = "the stored device key is damaged or signed something else; forget it and " + _FRESH
_NONCE = "sign the nonce of this connection's connect.challenge, or " + _FRESH
_PROXY = "sign in at the proxy in front; its headers are checked as gateway.auth.trustedProxy says"
_SECRET = "this gateway's secret is in the link of: {command} dashboard"  # noqa: S105 - what to say about it
_HINTS = {
    "PAIRING_REQUIRED": "{command} devices approve {request_id}",
    "AUTH_DEVICE_TOKEN_MISMATCH": "the token is another gateway's, or was rotated or revoked; forget it and " + _FRESH,
    "AUTH_SCOPE_MISMATCH": "connect with the gateway's own secret to ask for more scopes, or " + _FRESH,
    "AUTH_RATE_LIMITED": "wait {wait_s} s, or connect from the gateway's own machine",
    "AUTH_UNAUTHORIZED": _PROXY,
    "AUTH_IDENTITY_HEADER_REQUIRED": _PROXY,
    "DEVICE_AUTH_SIGNATURE_EXPIRED": "set the clock of the client's machine; it is over two minutes off the gateway's",
    "DEVICE_AUTH_NONCE_MISMATCH": _NONCE,
    "DEVICE_AUTH_NONCE_REQUIRED": _NONCE,
    "DEVICE_AUTH_SIGNATURE_INVALID": _KEY,
    "DEVICE_AUTH_DEVICE_ID_MISMATCH": _KEY,
    "DEVICE_AUTH_PUBLIC_KEY_INVALID": _KEY,
    "CONTROL_UI_ORIGIN_NOT_ALLOWED": "{command} config set gateway.controlUi.allowedOrigins '[\"{origin}\"]'",
    "CONTROL_UI_DEVICE_IDENTITY_REQUIRED": _FRESH,
}


def _hint(refused: Refused, command: str, origin: str | None) -> str:
    """The command or step that mends a refusal; whatever is about the secret itself is mended the same way."""
    words = _HINTS.get(str(refused.details.get("code")), _SECRET)
    if "{origin}" in words and origin in (None, "null"):
        words = _FRESH
    return words.format(
        command=command,
        request_id=refused.details.get("requestId"),
        wait_s=-(-(refused.retry_after_ms or 0) // 1000),
        origin=_plain(origin),
    )


def _plain(origin: str | None) -> str:
    """An origin that can be pasted into a shell: whatever is not of an origin's letters is left out."""
    return "".join(char for char in origin or "" if char.isascii() and (char.isalnum() or char in ":/.-[]_"))[:200]
