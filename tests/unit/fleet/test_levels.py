"""Where a value comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.fleet.levels import first, gateway_levels, host_levels, together
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.parse import parse_files
from clawfleet.fleet.problems import FleetInvalidError


def grouped(groups: list[str], **host: Any) -> Fleet:
    """A host in groups of a fleet that has two of them."""
    tree = {
        "version": 1,
        "defaults": {"memoryMax": "1G", "cpuQuota": "100%", "tasksMax": 100, "env": {"A": "defaults", "B": "defaults"}},
        "groups": {
            "big": {"memoryMax": "4G", "cpuQuota": "400%", "env": {"A": "big"}},
            "eu": {"memoryMax": "2G", "osUser": "eu", "env": {"A": "eu", "C": "eu"}, "config": {"x": {"y": 1}}},
        },
        "hosts": {"h": {"connect": {"hostname": "h"}, "groups": groups, "gateways": {"one": {}}, **host}},
    }
    return parse_files({"fleet.json5": json.dumps(tree)})


def test_the_nearest_level_wins() -> None:
    """Gateway, host, its groups in their order, defaults, built-in."""
    levels = gateway_levels(grouped(["eu", "big"], cpuQuota="50%"), "h", "one")
    assert [first(levels, field) for field in ("memory_max", "cpu_quota", "tasks_max", "os_user")] == [
        *("2G", "50%", 100, "eu")
    ]
    assert first(levels, "bind", "loopback") == "loopback"
    assert first(host_levels(grouped(["big", "eu"]), "h"), "memory_max") == "4G"
    assert first(host_levels(grouped([]), "h"), "memory_max") == "1G"


def test_mappings_are_laid_over_each_other() -> None:
    """A group adds to what all gateways have."""
    levels = gateway_levels(grouped(["eu", "big"], env={"A": "host"}, config={"x": {"z": 2}}), "h", "one")
    assert together(levels, "env") == {"A": "host", "B": "defaults", "C": "eu"}
    assert together(levels, "config") == {"x": {"y": 1, "z": 2}}


def test_a_group_that_is_not_there_is_an_error() -> None:
    """A typo would leave a host without its values."""
    with pytest.raises(FleetInvalidError) as caught:
        grouped(["ue"])
    assert "host h names the group ue, which is not under `groups` (known: big, eu)" in caught.value.report()
