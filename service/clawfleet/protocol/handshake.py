"""The first frame of a socket: what it must be, and how each wrong one is refused. Source: protocol §3, §7."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from clawfleet.protocol.device import Device, Signer
from clawfleet.protocol.frames import BadFrame, NotJson, read_request
from clawfleet.protocol.limits import MAX_FRAME_BEFORE_CONNECT, OLDEST_PROTOCOL, PROTOCOL
from clawfleet.protocol.problems import first_problem

ClientId = Literal[
    "cli", "gateway-client", "openclaw-control-ui", "webchat-ui", "webchat", "openclaw-tui",
    "openclaw-browser-copilot", "openclaw-macos", "openclaw-linux", "openclaw-ios", "openclaw-watchos",
    "openclaw-android", "node-host", "openclaw-worker", "openclaw-probe", "fingerprint", "test",
]  # fmt: skip
ClientMode = Literal["webchat", "cli", "ui", "backend", "node", "worker", "probe", "test"]
CONTROL_UI = "openclaw-control-ui"
ROLES = ("operator", "node")


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True)


class Client(_Wire):
    """Who connects."""

    id: ClientId
    version: str
    platform: str
    mode: ClientMode
    display_name: str | None = None
    build_id: str | None = None
    device_family: str | None = None
    model_identifier: str | None = None
    time_zone: str | None = None
    instance_id: str | None = None


class Credentials(_Wire):
    """What the client shows. Clients send the one shared secret as token, as password, or as both."""

    token: str | None = Field(default=None, repr=False)
    password: str | None = Field(default=None, repr=False)
    device_token: str | None = Field(default=None, repr=False)
    bootstrap_token: str | None = Field(default=None, repr=False)
    approval_runtime_token: str | None = Field(default=None, repr=False)
    agent_runtime_identity_token: str | None = Field(default=None, repr=False)

    @property
    def is_shared(self) -> bool:
        """Whether something is shown that may be the shared secret."""
        return bool(self.token or self.password)


class ConnectParams(_Wire):
    """Parameters of `connect`."""

    min_protocol: int
    max_protocol: int
    client: Client
    role: str = "operator"
    scopes: tuple[str, ...] = ()
    caps: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    permissions: dict[str, Any] = Field(default_factory=dict)
    path_env: str | None = None
    computer_use: Any = None
    worker_runs: Any = None
    device: Device | None = None
    auth: Credentials = Credentials()
    locale: str | None = None
    user_agent: str | None = None
    model_catalog: Any = None

    @property
    def signer(self) -> Signer:
        """What the device of these parameters has signed."""
        client, auth = self.client, self.auth
        token = auth.token or auth.device_token or auth.bootstrap_token or ""
        return Signer(client.id, client.mode, self.role, self.scopes, token, client.platform, client.device_family)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a socket is turned away. `request_id` None: there is nobody to answer, only the close is sent.

    `reason` is the close frame's when it says more than the message. `delay_ms` holds the answer back, which slows
    down whoever guesses; `retry_after_ms` tells when another attempt makes sense.
    """

    close_code: int
    message: str = ""
    request_id: str | None = None
    code: str = "INVALID_REQUEST"
    details: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    retry_after_ms: int | None = None
    delay_ms: int = 0

    @property
    def error(self) -> dict[str, Any]:
        """The error shape of the response that goes before the close."""
        shape: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            shape["details"] = self.details
        if self.retry_after_ms is not None:
            shape |= {"retryable": True, "retryAfterMs": self.retry_after_ms}
        return shape


@dataclass(frozen=True, slots=True)
class Connect:
    """A well-formed `connect`; who it is has not been checked yet. `protocol` is the one both sides speak."""

    request_id: str
    params: ConnectParams
    protocol: int


def read_connect(data: str | bytes) -> Connect | Refused:
    """The `connect` in a socket's first frame, or how to turn the socket away. Pure."""
    size = len(data.encode()) if isinstance(data, str) else len(data)
    if size > MAX_FRAME_BEFORE_CONNECT:
        return Refused(1009, f"the first frame has {size} bytes, {MAX_FRAME_BEFORE_CONNECT} are allowed before connect")
    try:
        request = read_request(data)
    except NotJson:
        return Refused(1000)
    except BadFrame:
        return Refused(1008, "invalid request frame")
    if request.method != "connect":
        return Refused(1008, "invalid handshake: first request must be connect", request.id)
    try:
        params = ConnectParams.model_validate(request.params or {})
    except ValidationError as error:
        return Refused(1008, f"invalid connect params: {first_problem(error)}", request.id)
    return _negotiate(request.id, params)


def _negotiate(request_id: str, params: ConnectParams) -> Connect | Refused:
    if params.min_protocol > PROTOCOL or params.max_protocol < OLDEST_PROTOCOL:
        details = {
            "code": "PROTOCOL_MISMATCH",
            "clientMinProtocol": params.min_protocol,
            "clientMaxProtocol": params.max_protocol,
            "expectedProtocol": PROTOCOL,
            "minimumProbeProtocol": OLDEST_PROTOCOL,
        }
        return Refused(1002, "protocol mismatch", request_id, details=details)
    if params.role == "worker":  # workers come in by a socket of their own, which this gateway has not
        return Refused(1008, "invalid-handshake")
    if params.role not in ROLES:
        return Refused(1008, "invalid role", request_id)
    return Connect(request_id, params, min(PROTOCOL, params.max_protocol))
