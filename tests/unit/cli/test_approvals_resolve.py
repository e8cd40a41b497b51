"""`openclaw approvals resolve`."""

from __future__ import annotations

from typing import Any

from tests.unit.cli.conftest import FakeGateway, OpenClaw


def approval(status: str, decision: str | None) -> dict[str, Any]:
    return {"approval": {"id": "abc", "status": status, "decision": decision, "presentation": {"kind": "exec"}}}


def answer(own: FakeGateway, before: dict[str, Any], after: dict[str, Any], *, applied: bool) -> None:
    own.answers["approval.get"] = before
    own.answers["approval.resolve"] = {"applied": applied, **after}


def test_a_yes_with_a_note(own: FakeGateway, openclaw: OpenClaw) -> None:
    answer(own, approval("pending", None), approval("allowed", "allow-once"), applied=True)
    said = openclaw("approvals", "resolve", "abc", "allow-once", "--reason", "fine").stdout
    assert said == "✓ abc: allow-once · fine\n"


def test_the_same_answer_again_and_another_one(own: FakeGateway, openclaw: OpenClaw) -> None:
    answer(own, approval("denied", "deny"), approval("denied", "deny"), applied=True)
    assert "already resolved, same decision" in openclaw("approvals", "resolve", "abc", "deny").stdout
    answer(own, approval("denied", "deny"), approval("denied", "deny"), applied=False)
    refused = openclaw("approvals", "resolve", "abc", "allow-once")
    assert refused.exit_code == 1 and "was answered with deny before" in refused.stderr
    assert openclaw("approvals", "resolve", "abc", "maybe").exit_code == 2
