"""How findings are told to the operator."""

from __future__ import annotations

from clawfleet.fleet.problems import FleetInvalidError, Problem


def test_report_has_every_problem_with_its_cure_errors_first() -> None:
    """The operator sees all findings in one run, the serious ones on top."""
    warning = Problem("A2", "ranges overlap", "space them", "warning")
    error = Problem("A1", "port 1 twice: a/x and a/y", "change one")
    report = FleetInvalidError("fleet.json5", [warning, error]).report()
    assert report.splitlines() == [
        "fleet.json5: 1 problem, nothing was contacted",
        "✗ [A1] port 1 twice: a/x and a/y",
        "    change one",
        "! [A2] ranges overlap",
        "    space them",
    ]


def test_an_invalid_fleet_ends_with_exit_code_3() -> None:
    """Scripts can tell a wrong file from a failed host."""
    assert FleetInvalidError("fleet.json5", []).exit_code == 3
