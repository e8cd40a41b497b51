"""What is wrong with a Mac in a fleet file."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.fleet.expand import expand
from clawfleet.fleet.macs import find_mac_problems
from clawfleet.fleet.problems import Problem
from tests.unit.fleet.test_systems import fleet


def found(gateway: dict[str, Any] | None = None, name: str = "ops", **host: Any) -> list[Problem]:
    made = fleet(os="darwin", **{"gateways": {name: gateway or {}}, **host})
    return find_mac_problems(made, expand(made, {}))


def test_an_agent_of_the_login_user_and_a_daemon_of_another_are_fine() -> None:
    """A daemon runs as whoever exists."""
    assert found() == []
    assert found({"osUser": "ben", "backup": {"at": "Mon 04:00"}}, service="system") == []


def test_a_linux_host_has_no_such_problem() -> None:
    """Whatever its names are."""
    made = fleet(gateways={"gateway": {"memoryMax": "1G"}})
    assert find_mac_problems(made, expand(made, {})) == []


@pytest.mark.parametrize(
    ("gateway", "host", "words", "level"),
    [
        ({"osUser": "ben"}, {}, "agent of the one who logs in", "error"),
        ({}, {"connect": {"hostname": "mini.local"}}, "the login user is root", "error"),
        ({"osUser": "root"}, {"service": "system"}, "gateways of root", "error"),
        ({"profile": "node"}, {}, "ai.openclaw.node is the label of another", "error"),
        ({"workspace": "~/Documents/claw"}, {}, "may be synchronized by iCloud", "error"),
        ({"workspace": "/Volumes/disk/claw"}, {}, "on another volume", "warning"),
        ({"memoryMax": "1G", "hardening": "strict"}, {}, "nothing like memoryMax, hardening", "warning"),
        ({}, {"tasksMax": 99}, "nothing like tasksMax", "warning"),
        ({"backup": {"at": "quarterly"}}, {}, "cannot express the calendar event 'quarterly'", "error"),
        ({}, {"tunnelKeys": ["ssh-ed25519 AAAA me"]}, "users of a Mac are never made", "error"),
    ],
)
def test_each_thing_that_a_mac_cannot_do_is_told(
    gateway: dict[str, Any], host: dict[str, Any], words: str, level: str
) -> None:
    """Before anybody is contacted."""
    (problem,) = found(gateway, **host)
    assert words in problem.message
    assert problem.level == level


def test_the_name_gateway_is_taken() -> None:
    """It is the label of the unnamed profile."""
    (problem,) = found(name="gateway")
    assert problem.check == "A4"
