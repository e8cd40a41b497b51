"""`models.providers.<id>.request`: how the requests of one provider travel. Source: models-and-auth §3.2."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from clawfleet.config.models.base import Flag, OpenSection, Text


class RequestAuth(OpenSection):
    """How a provider is shown who asks."""

    mode: Literal["provider-default", "authorization-bearer", "header"] = Field(
        "provider-default",
        description="`authorization-bearer` sends `token`, `header` sends `headerName` in place of Authorization.",
    )
    token: SecretStr | None = Field(None, description="For authorization-bearer.")
    header_name: Text | None = Field(None, min_length=1, description="For header: its name.")
    value: SecretStr | None = Field(None, description="For header: its value.")
    prefix: Text = Field("", description="For header: comes before the value; one space stays if it ends in one.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.mode == "authorization-bearer" and self.token is None:
            raise ValueError('mode "authorization-bearer" needs token')
        if self.mode == "header" and (self.header_name is None or self.value is None):
            raise ValueError('mode "header" needs headerName and value')
        return self


class RequestTls(OpenSection):
    """Certificates. Each is PEM text, or the path of a file that holds it."""

    ca: SecretStr | None = Field(None, description="Whom to trust beside the machine's own list.")
    cert: SecretStr | None = Field(None, description="The gateway's own certificate.")
    key: SecretStr | None = Field(None, description="The key of `cert`.")
    passphrase: SecretStr | None = Field(None, description="Opens `key`.")
    server_name: Text | None = Field(
        None, min_length=1, description="The name that the server's certificate must hold."
    )
    insecure_skip_verify: Flag = Field(False, description="Trusts any certificate; for tests only.")


class RequestProxy(OpenSection):
    """The proxy that requests go through."""

    mode: Literal["env-proxy", "explicit-proxy"] = Field(
        "explicit-proxy", description="`env-proxy` goes by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."
    )
    url: SecretStr | None = Field(None, description="For explicit-proxy, e.g. http://user:password@proxy.lan:3128.")
    tls: RequestTls | None = Field(None, description="For a proxy at https://.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.mode == "explicit-proxy" and self.url is None:
            raise ValueError('mode "explicit-proxy" needs url')
        return self


class RequestOverrides(OpenSection):
    """How the requests of one provider differ from what its wire asks for."""

    headers: dict[str, SecretStr] = Field({}, description="Sent with every request; stronger than other headers.")
    auth: RequestAuth = Field(RequestAuth(), description="How the provider is shown who asks.")
    proxy: RequestProxy | None = Field(None, description="Unset: straight to baseUrl, whatever the environment says.")
    tls: RequestTls = Field(RequestTls(), description="Certificates.")
    allow_private_network: Flag | None = Field(
        None,
        description="false refuses addresses of this machine and its networks; true also allows link-local ones, "
        "where clouds keep machine credentials. Unset: the configured address is trusted, link-local ones are not.",
    )
