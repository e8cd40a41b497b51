from __future__ import annotations

import json

from tests.unit.cli.conftest import FakeGateway, OpenClaw


def test_a_scheduler_that_does_not_run_says_so(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["cron.status"] = {"enabled": False, "jobs": 0, "nextWakeAtMs": None}
    assert openclaw("cron", "status").stdout == "Scheduler: not running\nJobs: 0\nNext: nothing is due\n"
    assert json.loads(openclaw("cron", "status", "--json").stdout)["enabled"] is False


def test_one_that_runs_says_when(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["cron.status"] = {"enabled": True, "jobs": 2, "nextWakeAtMs": 1_795_000_000_000}
    assert "Next: 2026-11-18T" in openclaw("cron", "status").stdout
