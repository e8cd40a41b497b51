"""What the operator wrote of how a provider's requests travel, ready for its endpoint. Pure.

Source: models-and-auth §3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import SecretStr

from clawfleet.config.models.provider_request import RequestAuth, RequestOverrides, RequestProxy, RequestTls
from clawfleet.config.models.providers import ModelProvider
from clawfleet.models.hosts import host_of, nearness
from clawfleet.models.providers.route import Route, Shown, Tls


def headers_of(written: Mapping[str, SecretStr]) -> dict[str, str]:
    """Headers by their lower-case names."""
    return {name.lower(): value.get_secret_value() for name, value in written.items()}


def shown_of(auth: RequestAuth) -> Shown | None:
    """The header that shows who asks in place of the usual one; None for the usual one."""
    if auth.mode == "authorization-bearer":
        return Shown("authorization", f"Bearer {_text(auth.token).strip()}")
    if auth.mode == "header":
        space = " " if auth.prefix.endswith(" ") else ""
        return Shown((auth.header_name or "").lower(), f"{auth.prefix.strip()}{space}{_text(auth.value).strip()}")
    return None


def route_of(request: RequestOverrides, base_url: str, environ: Mapping[str, str]) -> Route:
    """The way that requests to `base_url` travel."""
    proxy = request.proxy
    return Route(
        proxy=_proxy(proxy, base_url, environ) if proxy else "",
        tls=_tls(request.tls),
        proxy_tls=_tls(proxy.tls) if proxy and proxy.tls else Tls(),
        private=request.allow_private_network,
    )


def secret_places(written: ModelProvider) -> Iterator[tuple[str, str]]:
    """(key path below the provider, value) of all that may wait for a variable, its `apiKey` aside."""
    yield "baseUrl", written.base_url or ""
    for name, value in written.headers.items():
        yield f"headers.{name}", value.get_secret_value()
    for index, row in enumerate(written.models or ()):
        for name, value in row.headers.items():
            yield f"models[{index}].headers.{name}", value.get_secret_value()
    request = written.request
    for name, value in request.headers.items():
        yield f"request.headers.{name}", value.get_secret_value()
    yield "request.auth.token", _text(request.auth.token)
    yield "request.auth.value", _text(request.auth.value)
    yield from _tls_places("request.tls", request.tls)
    if request.proxy:
        yield "request.proxy.url", _text(request.proxy.url)
        yield from _tls_places("request.proxy.tls", request.proxy.tls or RequestTls())


def _tls_places(place: str, tls: RequestTls) -> Iterator[tuple[str, str]]:
    for name in ("ca", "cert", "key", "passphrase"):
        yield f"{place}.{name}", _text(getattr(tls, name))


def _tls(written: RequestTls) -> Tls:
    return Tls(
        ca=_text(written.ca),
        cert=_text(written.cert),
        key=_text(written.key),
        passphrase=_text(written.passphrase),
        server_name=written.server_name or "",
        skips_verify=written.insecure_skip_verify,
    )


def _proxy(written: RequestProxy, base_url: str, environ: Mapping[str, str]) -> str:
    """The URL of the proxy; empty for none. The environment's never stands before a server on this machine."""
    if written.mode == "explicit-proxy":
        return _text(written.url).strip()
    if nearness(base_url) == "loopback":
        return ""
    found = {name.lower(): value.strip() for name, value in environ.items() if name.lower().endswith("_proxy")}
    if _goes_straight(host_of(base_url), found.get("no_proxy", "")):
        return ""
    proxy = found.get(f"{urlsplit(base_url).scheme}_proxy") or found.get("all_proxy", "")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _goes_straight(host: str, listed: str) -> bool:
    """Whether NO_PROXY names a host or a domain above it."""
    names = [name.strip().lower().removeprefix("*").lstrip(".") for name in listed.split(",")]
    return listed.strip() == "*" or any(name and (host == name or host.endswith(f".{name}")) for name in names)


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
