"""`openclaw sandbox list`."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli import sandbox_list
from clawfleet.sandbox.reuse import Found
from tests.unit.cli.conftest import OpenClaw

FOUND = [
    Found("1", "openclaw-sbx-1", True, 1, {"openclaw.sessionKey": "agent:coding:main"}),
    Found("2", "openclaw-sbx-2", False, 1, {"openclaw.sessionKey": "shared"}),
]


def test_none_is_said(openclaw: OpenClaw) -> None:
    assert openclaw("sandbox", "list").stdout == "No sandbox runtimes found.\n"


def test_containers_are_a_table_with_a_total(openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_list, "containers_of", lambda _: FOUND)
    lines = openclaw("sandbox", "list").stdout.splitlines()
    assert lines[1].split()[:2] == ["openclaw-sbx-1", "running"]
    assert lines[-1] == "Total: 2 (1 running)"
    document = json.loads(openclaw("sandbox", "list", "--json").stdout)
    assert [row["agentId"] for row in document["containers"]] == ["coding", None]
