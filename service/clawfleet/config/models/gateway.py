"""`gateway`: the one port, who may reach it, and what it serves."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from clawfleet.config.models.base import Flag, Section, Text, Whole
from clawfleet.config.ports import DEFAULT_PORT

Port = Annotated[Whole, Field(ge=1, le=65535)]
Bind = Literal["auto", "lan", "loopback", "custom", "tailnet"]
AuthMode = Literal["none", "token", "password", "trusted-proxy"]


class GatewayAuth(Section):
    """How a client proves that it may connect."""

    mode: AuthMode | None = Field(
        None, description="How clients prove themselves. Unset: password if only that is set, else token."
    )
    token: SecretStr | None = Field(
        None, description="Shared token. Unset: OPENCLAW_GATEWAY_TOKEN, else one is generated and kept."
    )
    password: SecretStr | None = Field(None, description="Shared password, for mode `password`.")

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
    allowed_origins: tuple[Text, ...] = Field((), description="Further browser origins that may connect.")


class HttpEndpoint(Section):
    """One family of HTTP endpoints."""

    enabled: Flag = Field(False, description="Serve this endpoint family.")


class HttpEndpoints(Section):
    """Which OpenAI-compatible endpoints answer."""

    chat_completions: HttpEndpoint = Field(HttpEndpoint(), description="`/v1/chat/completions` and `/v1/models`.")
    responses: HttpEndpoint = Field(HttpEndpoint(), description="`/v1/responses`.")


class GatewayHttp(Section):
    """HTTP besides the Control UI."""

    endpoints: HttpEndpoints = Field(HttpEndpoints(), description="Which OpenAI-compatible endpoints answer.")


class Gateway(Section):
    """The front door: one port for WebSocket, HTTP and the Control UI."""

    mode: Literal["local", "remote"] | None = Field(None, description="`local` lets this machine run the gateway.")
    port: Port = Field(DEFAULT_PORT, description="One TCP port for WebSocket, HTTP and the Control UI.")
    bind: Bind = Field("loopback", description="Which addresses to listen on. An IP address is read as `custom`.")
    custom_bind_host: Text | None = Field(None, description="IPv4 address for bind `custom`; 127.0.0.1 is added.")
    auth: GatewayAuth = Field(GatewayAuth(), description="How clients prove themselves.")
    control_ui: ControlUi = Field(ControlUi(), description="The web page.")
    http: GatewayHttp = Field(GatewayHttp(), description="HTTP endpoints.")

    @model_validator(mode="after")
    def _custom_names_its_host(self) -> Self:
        if self.bind == "custom" and not self.custom_bind_host:
            raise ValueError(
                'gateway.bind is "custom", but gateway.customBindHost is unset. Set it to an IPv4 address.'
            )
        return self
