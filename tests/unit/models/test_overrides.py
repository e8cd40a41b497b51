"""What the operator wrote of requests becomes headers, a route and the places that may wait for a variable."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.models.provider_request import RequestAuth, RequestOverrides
from clawfleet.config.models.providers import ModelProvider
from clawfleet.models.overrides import headers_of, route_of, secret_places, shown_of
from clawfleet.models.providers.route import STRAIGHT, Shown, Tls

CLOUD = "https://llm.example.com/v1"


def request(**written: Any) -> RequestOverrides:
    return RequestOverrides.model_validate(written)


def test_headers_lose_their_case() -> None:
    provider = ModelProvider.model_validate({"headers": {"X-Team": "blue"}})
    assert headers_of(provider.headers) == {"x-team": "blue"}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ({}, None),
        ({"mode": "provider-default"}, None),
        ({"mode": "authorization-bearer", "token": " t0ken\n"}, Shown("authorization", "Bearer t0ken")),
        ({"mode": "header", "headerName": "X-Key", "value": "v"}, Shown("x-key", "v")),
        ({"mode": "header", "headerName": "X-Key", "value": "VV", "prefix": "Tok "}, Shown("x-key", "Tok VV")),
        ({"mode": "header", "headerName": "X-Key", "value": "VV", "prefix": "Tok"}, Shown("x-key", "TokVV")),
    ],
)
def test_who_asks_can_be_shown_in_three_ways(written: dict[str, object], shown: Shown | None) -> None:
    assert shown_of(RequestAuth.model_validate(written)) == shown


def test_nothing_said_is_the_straight_way() -> None:
    everywhere = {"HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://p:1"}
    assert route_of(request(), CLOUD, everywhere) == STRAIGHT


def test_certificates_and_private_networks() -> None:
    tls = {"ca": "A", "cert": "B", "key": "C", "passphrase": "D", "serverName": "E", "insecureSkipVerify": True}
    proxy = {"mode": "explicit-proxy", "url": " https://p:1 ", "tls": {"ca": "F"}}
    route = route_of(request(tls=tls, proxy=proxy, allowPrivateNetwork=False), CLOUD, {})
    assert route.tls == Tls("A", "B", "C", "D", "E", True)
    assert (route.proxy, route.proxy_tls, route.private) == ("https://p:1", Tls(ca="F"), False)


@pytest.mark.parametrize(
    ("environ", "base_url", "proxy"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, CLOUD, "http://p:1"),
        ({"https_proxy": "p:1"}, CLOUD, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, CLOUD, ""),
        ({"ALL_PROXY": "http://p:1"}, CLOUD, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "http://127.0.0.1:8317/v1", ""),
        ({"HTTP_PROXY": "http://p:1"}, "http://llm.lan/v1", "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "a.org, .example.com"}, CLOUD, ""),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "ample.com"}, CLOUD, "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, CLOUD, ""),
        ({}, CLOUD, ""),
    ],
)
def test_the_proxy_of_the_environment_is_used_only_when_wanted(
    environ: dict[str, str], base_url: str, proxy: str
) -> None:
    assert route_of(request(proxy={"mode": "env-proxy"}), base_url, environ).proxy == proxy


def test_all_places_that_may_wait_for_a_variable_are_known() -> None:
    written = {
        "baseUrl": "1",
        "headers": {"a": "2"},
        "models": [{"id": "m", "headers": {"b": "3"}}],
        "request": {
            "headers": {"c": "4"},
            "auth": {"mode": "authorization-bearer", "token": "5"},
            "tls": {"key": "6"},
            "proxy": {"url": "7", "tls": {"ca": "8"}},
        },
    }
    places = {key: value for key, value in secret_places(ModelProvider.model_validate(written)) if value}
    assert places == {
        "baseUrl": "1",
        "headers.a": "2",
        "models[0].headers.b": "3",
        "request.headers.c": "4",
        "request.auth.token": "5",
        "request.tls.key": "6",
        "request.proxy.url": "7",
        "request.proxy.tls.ca": "8",
    }
