"""Tenants and Tailscale routes."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.fleet.boundaries import find_boundary_problems
from tests.unit.fleet.fleets import instances_of


def messages(**hosts: Any) -> list[str]:
    found = find_boundary_problems(instances_of(**hosts))
    return [f"{problem.check} {problem.message}" for problem in found]


def tailscale(mode: str, **more: Any) -> dict[str, Any]:
    return {"config": {"gateway": {"tailscale": {"mode": mode}}}, **more}


def test_gateways_without_either_are_fine() -> None:
    assert messages(edge={"a": {}, "b": {"tenant": "x", "osUser": "bea"}}) == []


def test_tls_of_its_own_is_refused_with_the_other_ways_in() -> None:
    (told,) = find_boundary_problems(instances_of(edge={"a": {"config": {"gateway": {"tls": {"enabled": True}}}}}))
    assert (told.check, told.level) == ("tls", "error")
    assert "edge/a: gateway.tls.enabled" in told.message
    assert "openclaw fleet tunnel" in told.hint
    assert messages(edge={"a": {"config": {"gateway": {"tls": {"enabled": False}}}}}) == []


def test_two_tenants_do_not_share_a_user() -> None:
    (told,) = messages(edge={"a": {"tenant": "x"}, "b": {"tenant": "y"}}, far={"c": {"tenant": "z"}})
    assert told.startswith("A9 edge/a (tenant x) and edge/b (tenant y) share the OS user openclaw")


def test_a_tailnet_has_one_port_443_per_host() -> None:
    (told,) = messages(edge={"a": tailscale("serve"), "b": tailscale("serve")}, far={"c": tailscale("serve")})
    assert told.startswith("A7 edge/a and edge/b both want port 443")


@pytest.mark.parametrize(
    ("gateway", "level"),
    [
        (tailscale("serve", bind="tailnet"), "error"),
        (tailscale("serve", bind="tailnet", seedCompat=True), "warning"),
        (tailscale("serve", bind="lan", seedCompat=True), "error"),
    ],
)
def test_the_way_of_older_guides_is_a_warning_for_who_says_so(gateway: dict[str, Any], level: str) -> None:
    (found,) = find_boundary_problems(instances_of(edge={"a": gateway}))
    assert (found.check, found.level) == ("A7", level)


@pytest.mark.parametrize(
    ("gateway", "words"),
    [
        (tailscale("serve", bind="lan"), ["binds to lan"]),
        (tailscale("funnel"), ["requires gateway auth mode=password", "whole internet"]),
        (tailscale("funnel", allowPublic=True), ["requires gateway auth mode=password"]),
    ],
)
def test_a_route_that_nobody_allowed(gateway: dict[str, Any], words: list[str]) -> None:
    told = messages(edge={"a": gateway})
    assert len(told) == len(words)
    assert all(word in line for word, line in zip(words, told, strict=True))
