from __future__ import annotations

import json

from tests.unit.cli.conftest import FakeGateway, OpenClaw

JOB = {
    "id": "0123456789",
    "name": "a name that is rather long and goes on " * 3,
    "schedule": {"kind": "cron", "expr": "0 9 * * *"},
    "state": {"nextRunAtMs": 1_795_000_000_000},
}


def test_jobs_are_a_table_that_fits(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["cron.list"] = {"jobs": [JOB], "total": 1}
    lines = openclaw("cron", "list", "--all").stdout.splitlines()
    assert own.calls("cron.list") == [{"includeDisabled": True}]
    assert lines[0].split() == ["ID", "Name", "Schedule", "Next", "Agent"]
    assert "0123456789" in lines[1]
    assert max(map(len, lines)) <= 80


def test_none_is_said_and_json_is_the_answer(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["cron.list"] = {"jobs": [], "total": 0}
    assert openclaw("cron", "list").stdout == "No cron jobs.\n"
    assert json.loads(openclaw("cron", "list", "--json").stdout) == {"jobs": [], "total": 0}
