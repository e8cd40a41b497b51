"""All checks together."""

from __future__ import annotations

import json

from clawfleet.fleet.checks import check_fleet
from clawfleet.fleet.expand import expand
from clawfleet.fleet.parse import parse_files


def test_all_findings_come_in_one_run() -> None:
    """A collision, a contradiction, a missing value and a doubled host are reported together."""
    tree = {
        "version": 1,
        "hosts": {
            "a": {
                "connect": {"hostname": "10.0.0.1"},
                "gateways": {
                    "x": {"port": 20000, "config": {"gateway": {"port": 1}}},
                    "y": {"port": 20000, "config": {"k": "${NOPE}"}},
                },
            },
            "b": {"connect": {"hostname": "10.0.0.1"}, "gateways": {"x": {}}},
        },
    }
    fleet = parse_files({"f": json.dumps(tree)})
    problems = check_fleet(fleet, expand(fleet, {}), {})
    assert {problem.check for problem in problems} == {"hosts", "config", "A1", "A10"}
    assert any("a/x" in problem.message and "gateway.port" in problem.message for problem in problems)


def test_a_good_fleet_has_no_findings() -> None:
    """Nothing is reported for nothing."""
    tree = {"version": 1, "hosts": {"a": {"connect": {"hostname": "h"}, "gateways": {"x": {}, "y": {}}}}}
    fleet = parse_files({"f": json.dumps(tree)})
    assert check_fleet(fleet, expand(fleet, {}), {}) == []
