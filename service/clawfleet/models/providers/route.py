"""How requests travel to one endpoint: through which proxy, with which certificates, to which addresses. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates, each as PEM text or the path of a file. `server_name` is what the other side must prove to be."""

    ca: str = field(default="", repr=False)
    cert: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    server_name: str = ""
    skips_verify: bool = False


PLAIN_TLS = Tls()


@dataclass(frozen=True, slots=True)
class Route:
    """One way to travel; endpoints with equal routes share connections.

    `proxy` is a URL, perhaps with user and password. `private` says whether addresses of this machine and its networks
    may be reached: None trusts them, but not those where clouds keep machine credentials.
    """

    proxy: str = field(default="", repr=False)
    tls: Tls = PLAIN_TLS
    proxy_tls: Tls = PLAIN_TLS
    private: bool | None = None


STRAIGHT = Route()


@dataclass(frozen=True, slots=True)
class Shown:
    """The header that shows who asks, in place of `authorization`."""

    name: str
    value: str = field(repr=False)
