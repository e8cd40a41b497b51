"""One request as it goes out: where to, what, and with which headers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clawfleet import __version__
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.failures import Site


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `auth` are the headers that the wire API itself wants; without a body it is a GET."""

    url: str
    body: Mapping[str, object] | None
    auth: Mapping[str, str] = field(repr=False)
    endpoint: Endpoint
    site: Site

    @property
    def headers(self) -> dict[str, str]:
        """All headers, lower-case: the wire's own, then the operator's, then what shows who asks."""
        endpoint = self.endpoint
        kind = {"content-type": "application/json"} if self.body is not None else {}
        found = {
            **kind,
            "accept": "text/event-stream" if kind else "application/json",
            "accept-encoding": "identity",  # compression would hold tokens back
            "user-agent": f"clawfleet/{__version__}",
            **{name.lower(): value for name, value in self.auth.items()},
        }
        if endpoint.auth_header and endpoint.api_key:
            found["authorization"] = f"Bearer {endpoint.api_key}"
        found.update({name.lower(): value for name, value in endpoint.headers.items()})
        if endpoint.shown:
            found.pop("authorization", None)
            found[endpoint.shown.name.lower()] = endpoint.shown.value
        return found


def secrets_of(endpoint: Endpoint) -> list[str]:
    """All that must not be seen in what a call leaves behind."""
    tls = (endpoint.route.tls, endpoint.route.proxy_tls)
    return [
        endpoint.api_key or "",
        *endpoint.headers.values(),
        *((endpoint.shown.value, endpoint.shown.value.rpartition(" ")[2]) if endpoint.shown else ()),
        endpoint.route.proxy,
        _password(endpoint.route.proxy),
        *(text for each in tls for text in (each.key, each.passphrase)),
    ]


def _password(url: str) -> str:
    return url.partition("://")[2].rpartition("@")[0].partition(":")[2]
