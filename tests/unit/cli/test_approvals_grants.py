"""`openclaw approvals grants list|revoke`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import FakeGateway, OpenClaw


def test_grants_are_listed_and_taken_back(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["exec.approval.grants.list"] = {"grants": []}
    assert openclaw("approvals", "grants", "list").stdout == "No grants.\n"
    assert json.loads(openclaw("approvals", "grants", "list", "--json").stdout) == {"grants": []}
    own.answers["exec.approval.grants.revoke"] = {"outcome": "not-found"}
    assert openclaw("approvals", "grants", "revoke", "x").exit_code == 1
    own.answers["exec.approval.grants.revoke"] = {"outcome": "revoked"}
    assert openclaw("approvals", "grants", "revoke", "x").stdout == "✓ x revoked\n"
