"""Gateways in each other's way."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.fleet.collisions import find_collisions
from tests.unit.fleet.fleets import instances_of

FAR: dict[str, Any] = {"port": 20000}


def messages(**hosts: dict[str, dict[str, Any]]) -> list[str]:
    return [f"{problem.level} {problem.check} {problem.message}" for problem in find_collisions(instances_of(**hosts))]


def test_gateways_with_default_places_do_not_collide() -> None:
    """A plain fleet is fine, whoever owns the gateways."""
    assert messages(a={"default": {}, "ops": {}, "x": {"osUser": "bob"}}, b={"default": {}}) == []


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"port": 18789}, {"port": 18789}, "error A1 port 18789 is used by both h/one and h/two"),
        ({"stateDir": "/s"}, {"stateDir": "/s/"}, "error A3 state dir /s is used by both h/one and h/two"),
        (
            {"stateDir": "/s"},
            {"stateDir": "/s/t"},
            "error A3 state dir /s/t of h/two lies inside state dir /s of h/one",
        ),
        (
            {"workspace": "~/w"},
            {"workspace": "/home/openclaw/w"},
            "error A3 workspace /home/openclaw/w is used by both",
        ),
        (
            {"workspace": "/w/x"},
            {"workspace": "/w"},
            "error A3 workspace /w/x of h/one lies inside workspace /w of h/two",
        ),
        ({"configPath": "/c"}, {"configPath": "/c"}, "error A3 config /c is used by both h/one and h/two"),
        ({"profile": "p"}, {"profile": "p"}, "error A4 unit openclaw-gateway-p.service in /home/openclaw/.config"),
        (
            {"workspace": "/w"},
            {"stateDir": "/w/s"},
            "error A3 state dir /w/s of h/two lies inside workspace /w of h/one",
        ),
        (
            {"port": 18789},
            {"port": 18899},
            "warning A2 the derived ports of h/one (18789-18899) and h/two (18899-19009)",
        ),
        (
            {"workspace": "~/.openclaw-two/w"},
            {},
            "warning A3 workspace /home/openclaw/.openclaw-two/w of h/one lies inside state dir",
        ),
    ],
)
def test_a_collision_names_both_sides(one: dict[str, Any], other: dict[str, Any], found: str) -> None:
    """The operator sees which two gateways, and what they share."""
    hits = messages(h={"one": one, "two": other})
    assert any(hit.startswith(found) for hit in hits), hits


def test_ports_collide_across_users_of_a_host() -> None:
    """Loopback is shared by all users."""
    assert messages(h={"one": {"port": 20000, "osUser": "a"}, "two": {"port": 20000, "osUser": "b"}}) == [
        "error A1 port 20000 is used by both h/one and h/two"
    ]


def test_the_same_on_two_hosts_is_no_collision() -> None:
    """Hosts do not share ports or disks."""
    assert messages(a={"x": FAR}, b={"x": FAR}) == []


def test_a_port_among_the_ephemeral_ones_is_a_warning() -> None:
    """The kernel may have given it away before the gateway starts."""
    assert messages(h={"one": {"port": 40000}})[0].startswith("warning ports port 40000 of h/one")


@pytest.mark.parametrize(
    ("browser", "level"), [({}, "warning"), ({"enabled": False}, "warning"), ({"enabled": True}, "error")]
)
def test_derived_ports_matter_where_one_drives_a_browser(browser: dict[str, Any], level: str) -> None:
    """They are taken then."""
    driving = {"port": 18899, "config": {"browser": browser}}
    (found,) = messages(h={"one": {"port": 18789}, "two": driving})
    assert found.startswith(f"{level} A2 ")


def test_a_profile_of_before_the_fleet_may_be_called_what_it_is() -> None:
    """A new one is named so that every system can have it."""
    (found,) = messages(h={"one": {"profile": "Ops_2"}})
    assert found.startswith("error A4 h/one: a new profile is lower-case")
    assert messages(h={"one": {"profile": "Ops_2", "adopt": True}}) == []
