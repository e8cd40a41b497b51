"""`openclaw approvals`: the table of its commands."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import OpenClaw


@pytest.mark.parametrize("name", ["approvals", "exec-approvals"])
def test_both_names_know_the_same_verbs(openclaw: OpenClaw, name: str) -> None:
    said = openclaw(name, "--help").stdout
    assert all(verb in said for verb in ("get", "set", "allowlist", "pending", "resolve", "grants"))
