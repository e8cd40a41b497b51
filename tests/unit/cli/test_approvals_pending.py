"""`openclaw approvals pending`."""

from __future__ import annotations

import json
import time

from tests.unit.cli.conftest import FakeGateway, OpenClaw


def row() -> dict[str, object]:
    at = int(time.time() * 1000)
    request = {
        "command": "rm -rf build\necho \u202edone",
        "cwd": "/w",
        "agentId": "main",
        "sessionKey": "agent:main:main",
        "allowedDecisions": ["allow-once", "deny"],
    }
    return {"id": "abc", "approvalKind": "exec", "request": request, "createdAtMs": at, "expiresAtMs": at + 600_000}


def test_each_is_shown_whole_with_the_line_that_answers_it(own: FakeGateway, openclaw: OpenClaw) -> None:
    """What could turn the line around is spelt out."""
    own.answers["exec.approval.list"] = [row()]
    said = openclaw("approvals", "pending").stdout
    assert "  rm -rf build\n" in said and "\\u202e" in said and "\u202e" not in said
    assert "openclaw approvals resolve abc <allow-once|deny>" in said
    (told,) = json.loads(openclaw("approvals", "pending", "--json").stdout)["approvals"]
    assert (told["kind"], told["id"], told["agentId"]) == ("exec", "abc", "main")


def test_nothing_waits(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["exec.approval.list"] = []
    assert openclaw("approvals", "pending").stdout == "Nothing waits for approval.\n"
