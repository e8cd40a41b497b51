"""What Tailscale shall do for the gateways of a host, and what stands against it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.fleet.expand import expand
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.parse import parse_files
from clawfleet.fleet.tailnet import (
    claims_route,
    find_tailnet_problems,
    kept_route,
    needs_tailscale,
    operator_of,
)

PASSWORD = {"config": {"gateway": {"auth": {"mode": "password"}}}, "allowPublic": True}


def fleet(gateways: dict[str, Any], **host: Any) -> Fleet:
    spec = {"connect": {"hostname": "h"}, "gateways": gateways, **host}
    return parse_files({"fleet.json5": json.dumps({"version": 1, "hosts": {"edge": spec}})})


def told(gateways: dict[str, Any], **host: Any) -> list[str]:
    found = fleet(gateways, **host)
    return [f"{item.level} {item.message}" for item in find_tailnet_problems(found, expand(found, {}))]


def test_the_first_claims_its_route_and_the_second_has_one_that_is_kept_for_it() -> None:
    spec = fleet({"a": {"tailscale": {"mode": "serve"}}, "b": {"tailscale": {"mode": "serve", "httpsPort": 8443}}})
    first, second = expand(spec, {})
    assert claims_route(first)
    assert kept_route(first) is None
    assert first.config["gateway"]["tailscale"] == {"mode": "serve"}
    assert not claims_route(second)
    assert (route := kept_route(second)) is not None
    assert (route.mode, route.https_port) == ("serve", 8443)
    assert second.config["gateway"]["tailscale"] == {"mode": "off"}
    assert second.config["gateway"]["trustedProxies"] == ["127.0.0.1"]
    assert second.config["gateway"]["auth"]["mode"] == "token"
    assert [needs_tailscale(item) for item in (first, second)] == [True, False]


@pytest.mark.parametrize("mode", ["serve", "funnel"])
def test_both_may_be_allowed(mode: str) -> None:
    gateways = {
        "a": {"tailscale": {"mode": "serve"}},
        "b": {"tailscale": {"mode": mode, "httpsPort": 8443}, **PASSWORD},
    }
    assert told(gateways, tailscale={"operator": True}) == []


@pytest.mark.parametrize(
    ("gateway", "words"),
    [
        ({"tailscale": {"mode": "serve", "httpsPort": 8443}, "bind": "lan"}, ["binds to lan"]),
        (
            {"tailscale": {"mode": "funnel", "httpsPort": 8443}},
            ["requires gateway auth mode=password", "whole internet"],
        ),
        ({"tailscale": {"mode": "funnel", "httpsPort": 9443}, **PASSWORD}, ["443, 8443 and 10000, and not for 9443"]),
        (
            {
                "tailscale": {"mode": "serve", "httpsPort": 8443},
                "config": {"gateway": {"trustedProxies": ["10.0.0.1"]}},
            },
            ["sets gateway.trustedProxies without 127.0.0.1"],
        ),
        ({"tailscale": {"mode": "serve"}}, ["may not change Tailscale's routes"]),
    ],
)
def test_what_stands_against_it(gateway: dict[str, Any], words: list[str]) -> None:
    found = told({"a": gateway})
    assert len(found) == len(words)
    assert all(word in line for word, line in zip(words, found, strict=True))


def test_a_port_of_the_tailnet_is_one_gateways() -> None:
    wish = {"tailscale": {"mode": "serve", "httpsPort": 8443}}
    assert told({"a": wish, "b": wish}) == ["error edge/a and edge/b both want port 8443 of the tailnet on edge"]


def test_on_a_mac_it_is_set_up_by_hand() -> None:
    (found,) = told({"a": {}}, os="darwin", tailscale={"install": "official"})
    assert found == "error edge: the recipes do not set Tailscale up on macOS"


def test_the_operator_is_the_user_of_the_one_that_claims() -> None:
    spec = fleet({"a": {}, "b": {"osUser": "bea", "tailscale": {"mode": "serve"}}}, tailscale={"operator": True})
    assert operator_of(spec, expand(spec, {}), "edge") == "bea"
    spec = fleet({"b": {"osUser": "bea", "tailscale": {"mode": "serve"}}}, tailscale={})
    assert operator_of(spec, expand(spec, {}), "edge") is None
