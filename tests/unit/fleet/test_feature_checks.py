"""What is said of Docker, images and the firewall before anybody is contacted."""

from __future__ import annotations

from typing import Any

from clawfleet.fleet.expand import expand
from clawfleet.fleet.feature_checks import find_feature_problems
from clawfleet.fleet.models.fleet import Fleet

SANDBOXED = {"agents": {"defaults": {"sandbox": {"mode": "all"}}}}


def said(**host: Any) -> list[str]:
    """Messages about one host `a`."""
    spec = {"connect": {"hostname": "h"}, "gateways": {"x": {}}} | host
    fleet = Fleet.model_validate({"version": 1, "hosts": {"a": spec}})
    found = find_feature_problems(fleet, expand(fleet, {}))
    assert all(problem.level == "warning" for problem in found)
    return [f"{problem.message}; {problem.hint}" for problem in found]


def test_who_may_use_docker_is_as_good_as_root_and_that_is_said() -> None:
    """Two tenants on such a host are told to part."""
    (one,) = said(docker={}, config=SANDBOXED)
    assert "openclaw may use Docker there, and who may is as good as root" in one
    tenants = {"x": {"tenant": "t1", "osUser": "u1"}, "y": {"tenant": "t2", "osUser": "u2"}}
    (two,) = said(docker={}, config=SANDBOXED, gateways=tenants)
    assert "give t1 and t2 hosts of their own" in two
    assert said(docker={}) == []


def test_an_image_that_the_fleet_does_not_bring_is_named() -> None:
    config = {"agents": {"defaults": {"sandbox": {"mode": "all", "docker": {"image": "mine:1"}}}}}
    as_root, found = said(sandbox={}, config=config)
    assert "made of mine:1, the fleet brings openclaw-sandbox:bookworm-slim" in found
    assert "as good as root" in as_root  # also where somebody else brought Docker
    assert said(sandbox={"image": "mine:1"}, config=config) == [as_root]


def test_a_gateway_that_nobody_may_reach_is_named() -> None:
    (found,) = said(firewall={}, gateways={"x": {"bind": "lan"}})
    assert "a/x binds to lan, and the firewall of a lets nobody in" in found
    assert said(firewall={"gatewaysFrom": ["10.0.0.0/8"]}, gateways={"x": {"bind": "lan"}}) == []


def test_what_is_for_linux_is_left_out_on_a_mac_and_that_is_said() -> None:
    (found,) = said(os="darwin", journal={}, ssh={}, docker={}, config=SANDBOXED)
    assert "a is a Mac: docker, ssh, journal of the fleet file are for Linux" in found
    assert said(os="darwin") == []
