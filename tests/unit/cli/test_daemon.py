"""`openclaw daemon`, another name."""

from __future__ import annotations

import json

from tests.support.fake_service import FakeDaemon
from tests.unit.cli.conftest import OpenClaw


def test_the_verbs_are_those_of_gateway(openclaw: OpenClaw, service: FakeDaemon) -> None:
    assert json.loads(openclaw("daemon", "stop", "--json").stdout) == json.loads(
        openclaw("gateway", "stop", "--json").stdout
    )
    shown = openclaw("daemon", "--help").stdout
    for verb in ("status", "install", "uninstall", "start", "stop", "restart"):
        assert verb in shown
    assert "call" not in shown.split("Commands")[1]
