"""`gateway`: the one port, who may reach it, and what it serves."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from clawfleet.config.models.base import Flag, Section, Text, Whole
from clawfleet.config.ports import DEFAULT_PORT
from clawfleet.core.certificate import plain_fingerprint

Count = Annotated[Whole, Field(ge=1)]
Port = Annotated[Whole, Field(ge=1, le=65535)]
Bind = Literal["auto", "lan", "loopback", "custom", "tailnet"]
AuthMode = Literal["none", "token", "password", "trusted-proxy"]
TailscaleMode = Literal["off", "serve", "funnel"]


class RateLimit(Section):
    """What happens to those who show wrong credentials."""

    max_attempts: Count = Field(10, description="Wrong credentials of one caller within the window that lock it out.")
    window_ms: Count = Field(60_000, description="How far back wrong credentials count, in milliseconds.")
    lockout_ms: Count = Field(300_000, description="How long a caller stays locked out, in milliseconds.")
    exempt_loopback: Flag = Field(True, description="Callers on this machine are slowed down, but never locked out.")


class DeviceAutoApprove(Section):
    """Devices that users of the trusted proxy may enrol without being asked about."""

    enabled: Flag = Field(False, description="Approve new browser devices of authenticated proxy users.")
    scopes: tuple[Text, ...] = Field(
        ("operator.read", "operator.write", "operator.approvals", "operator.questions"),
        description="The most that such a device gets.",
    )


class TrustedProxy(Section):
    """The proxy in front that says who the user is, for mode `trusted-proxy`."""

    user_header: Text = Field(description="Header that names the authenticated user.")
    required_headers: tuple[Text, ...] = Field((), description="Headers that the proxy must have set besides.")
    allow_users: tuple[Text, ...] = Field((), description="Users that may connect; none listed: every one.")
    allow_loopback: Flag = Field(False, description="The proxy runs on this machine, and nobody else here may lie.")
    device_auto_approve: DeviceAutoApprove = Field(
        DeviceAutoApprove(), description="Devices that users of the proxy enrol by themselves."
    )


class GatewayAuth(Section):
    """How a client proves that it may connect."""

    mode: AuthMode | None = Field(
        None, description="How clients prove themselves. Unset: password if only that is set, else token."
    )
    token: SecretStr | None = Field(
        None, description="Shared token. Unset: OPENCLAW_GATEWAY_TOKEN, else one is generated and kept."
    )
    password: SecretStr | None = Field(None, description="Shared password, for mode `password`.")

    rate_limit: RateLimit = Field(RateLimit(), description="What happens to those who show wrong credentials.")
    trusted_proxy: TrustedProxy | None = Field(None, description="The proxy that says who the user is.")
    identity_scopes: dict[str, tuple[Text, ...]] = Field(
        default_factory=dict, description="Scopes that a verified user gets for a connection, by user."
    )
    allow_tailscale: Flag | None = Field(
        None, description="Believe Tailscale who a user of the page is. Unset: with `tailscale.mode` `serve`."
    )

    @model_validator(mode="after")
    def _one_secret_or_a_mode(self) -> Self:
        if self.mode is None and self.token is not None and self.password is not None:
            raise ValueError(
                "gateway.auth.token and gateway.auth.password are both configured, but gateway.auth.mode is unset. "
                "Set gateway.auth.mode to token or password."
            )
        return self


class ControlUi(Section):
    """The web page."""

    enabled: Flag = Field(True, description="Serve the Control UI.")
    base_path: Text = Field("/", description="Path below which the Control UI is served.")
    root: Text | None = Field(
        None,
        min_length=1,
        description="Directory of another Control UI, with its `index.html`. Unset: the built-in one.",
    )
    allowed_origins: tuple[Text, ...] = Field((), description="Further browser origins that may connect.")
    dangerously_allow_host_header_origin_fallback: Flag = Field(
        False, description="Let in every page whose origin is the host that it asked for, whatever that host is."
    )

    @property
    def prefix(self) -> str:
        """What stands before every path of the Control UI: the empty string, or `/openclaw`."""
        inner = self.base_path.strip("/")
        return f"/{inner}" if inner else ""


class NodePairing(Section):
    """Which devices need no approval."""

    auto_approve_local: Flag = Field(True, description="Devices on this machine that know the secret are approved.")
    auto_approve_cidrs: tuple[Text, ...] = Field((), description="Networks whose new nodes are approved at once.")


class Nodes(Section):
    """Devices that come in."""

    pairing: NodePairing = Field(NodePairing(), description="Which devices need no approval.")


class Tailscale(Section):
    """Tailscale in front of the gateway."""

    mode: TailscaleMode = Field(
        "off",
        description="`serve` shows the gateway to the tailnet, `funnel` to everybody, by HTTPS, as long as it runs.",
    )


class HttpEndpoint(Section):
    """One family of HTTP endpoints."""

    enabled: Flag = Field(False, description="Serve this endpoint family.")


class HttpEndpoints(Section):
    """Which OpenAI-compatible endpoints answer."""

    chat_completions: HttpEndpoint = Field(HttpEndpoint(), description="`/v1/chat/completions` and `/v1/models`.")


class GatewayHttp(Section):
    """HTTP besides the Control UI."""

    endpoints: HttpEndpoints = Field(HttpEndpoints(), description="Which OpenAI-compatible endpoints answer.")


class GatewayReload(Section):
    """What a running gateway does when its config file changes."""

    mode: Literal["off", "hot", "restart", "hybrid"] = Field(
        "hybrid",
        description="`off` waits for a restart; `hot` applies what can be applied and names the rest; `hybrid` and "
        "`restart` restart for the rest, once running turns have ended.",
    )
    debounce_ms: Annotated[Whole, Field(ge=0, le=60_000)] = Field(
        300, description="How long the file must stay the same before it is read, in milliseconds."
    )
    deferral_timeout_ms: Annotated[Whole, Field(ge=0)] = Field(
        300_000, description="How long a restart waits for running turns, in milliseconds."
    )


class GatewayRemote(Section):
    """The gateway on another machine that commands here talk to, with mode `remote`."""

    url: Text | None = Field(None, description="Its address: `wss://host` or `ws://host:port`.")
    token: SecretStr | None = Field(None, description="Its shared token. Unset: OPENCLAW_GATEWAY_TOKEN.")
    password: SecretStr | None = Field(None, description="Its shared password. Unset: OPENCLAW_GATEWAY_PASSWORD.")
    tls_fingerprint: Text | None = Field(
        None, description="SHA-256 of the only certificate to trust there. Unset: whom this machine trusts."
    )

    @field_validator("tls_fingerprint")
    @classmethod
    def _sha256(cls, value: str | None) -> str | None:
        return plain_fingerprint(value) if value else None


class GatewayTls(Section):
    """HTTPS and WSS on the gateway's own port, in place of clear text."""

    enabled: Flag = Field(False, description="Serve by TLS 1.3 only.")
    auto_generate: Flag = Field(
        True, description="Make a self-signed certificate at the start when certificate and key are both missing."
    )
    cert_path: Text | None = Field(
        None,
        description="Certificate (PEM), then its chain. Unset: `gateway/tls/gateway-cert.pem` of the state directory.",
    )
    key_path: Text | None = Field(
        None, description="Key (PEM, no passphrase). Unset: `gateway/tls/gateway-key.pem` of the state directory."
    )
    ca_path: Text | None = Field(
        None, description="Further certificates (PEM) that complete the chain, if `certPath` holds the first alone."
    )


class Gateway(Section):
    """The front door: one port for WebSocket, HTTP and the Control UI."""

    mode: Literal["local", "remote"] | None = Field(None, description="`local` lets this machine run the gateway.")
    port: Port = Field(DEFAULT_PORT, description="One TCP port for WebSocket, HTTP and the Control UI.")
    bind: Bind = Field("loopback", description="Which addresses to listen on. An IP address is read as `custom`.")
    custom_bind_host: Text | None = Field(None, description="IPv4 address for bind `custom`; 127.0.0.1 is added.")
    auth: GatewayAuth = Field(GatewayAuth(), description="How clients prove themselves.")
    control_ui: ControlUi = Field(ControlUi(), description="The web page.")
    trusted_proxies: tuple[Text, ...] = Field(
        (), description="Addresses and networks of proxies whose word about the client counts."
    )
    allow_real_ip_fallback: Flag = Field(False, description="Read X-Real-IP where X-Forwarded-For is missing.")
    nodes: Nodes = Field(Nodes(), description="Devices that come in.")
    reload: GatewayReload = Field(GatewayReload(), description="What happens when the config file changes.")
    tailscale: Tailscale = Field(Tailscale(), description="Tailscale in front of the gateway.")
    remote: GatewayRemote = Field(GatewayRemote(), description="The gateway that commands ask in mode `remote`.")
    tls: GatewayTls = Field(GatewayTls(), description="HTTPS in place of clear text.")
    http: GatewayHttp = Field(GatewayHttp(), description="HTTP endpoints.")

    @property
    def tailscale_conflict(self) -> str | None:
        """Why Tailscale cannot lead to the gateway as the rest of this section places it; None when it can."""
        wanted = self.tailscale.mode
        if wanted == "off":
            return None
        is_loopback = self.bind == "loopback" or (self.bind == "custom" and self.custom_bind_host == "127.0.0.1")
        if not is_loopback and (self.bind, wanted) != ("tailnet", "serve"):  # older files have that pair
            return (
                f"gateway.bind must resolve to loopback when gateway.tailscale.mode={wanted} "
                '(use gateway.bind="loopback" or gateway.bind="custom" with gateway.customBindHost="127.0.0.1")'
            )
        if self.auth.mode == "none" and wanted == "serve":
            return (
                "gateway.auth.mode=none cannot be used with gateway.tailscale.mode=serve; configure token, password, "
                "or trusted-proxy auth before exposing the gateway through Tailscale"
            )
        if self.auth.mode == "none":
            return (
                "gateway.tailscale.mode=funnel requires gateway.auth.mode=password; auth.mode=none cannot be used when "
                "exposing the gateway through Tailscale Funnel"
            )
        return None

    @model_validator(mode="after")
    def _tailscale_leads_to_loopback(self) -> Self:
        if (conflict := self.tailscale_conflict) is not None:
            raise ValueError(conflict)
        return self

    @model_validator(mode="after")
    def _custom_names_its_host(self) -> Self:
        if self.bind == "custom" and not self.custom_bind_host:
            raise ValueError(
                'gateway.bind is "custom", but gateway.customBindHost is unset. Set it to an IPv4 address.'
            )
        return self
