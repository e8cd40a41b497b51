from __future__ import annotations

from clawfleet.cli.checks.finding import RANK, Change, Finding


def test_a_change_reads_from_old_to_new() -> None:
    assert str(Change("~/.openclaw/.env", "0644", "0600")) == "~/.openclaw/.env: 0644 -> 0600"


def test_every_severity_has_its_rank() -> None:
    worst = sorted([Finding("a", "info", ""), Finding("b", "error", "")], key=lambda one: RANK[one.severity])
    assert worst[0].check_id == "b"
