"""Whose document is meant."""

from __future__ import annotations

from tests.unit.cli.conftest import FakeGateway, OpenClaw

HELD = {"path": "/there/exec-approvals.json", "exists": True, "file": {"version": 1}, "hash": "abc"}


def test_the_gateway_is_asked_when_it_is_named(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["exec.approvals.get"] = HELD
    assert "Approvals (gateway): /there/exec-approvals.json" in openclaw("approvals", "get", "--gateway").stdout
    assert "Approvals (local): " in openclaw("approvals", "get").stdout
