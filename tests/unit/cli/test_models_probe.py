"""`openclaw models status --probe`: the gateway asks, the command tells."""

from __future__ import annotations

import json

from clawfleet.cli.models_probe import probe_lines
from tests.unit.cli.conftest import FakeGateway, OpenClaw

ANSWER = {
    "provider": "groq",
    "status": "ok",
    "results": [
        {"label": "groq:a", "profileId": "groq:a", "status": "ok", "latencyMs": 1234},
        {"label": "groq:b", "profileId": "groq:b", "status": "auth", "error": "it has expired"},
    ],
}


def test_each_key_has_a_row_and_a_failure_its_reason(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["models.probe"] = ANSWER
    result = openclaw("models", "status", "--probe", "--probe-provider", "groq", GROQ_API_KEY="k")
    assert result.exit_code == 0, result.output
    for words in ("groq:a", "ok · 1.2s", "↳ it has expired", "Probed 2 targets in "):
        assert words in result.stdout
    document = json.loads(openclaw("models", "status", "--probe-provider", "groq", "--json").stdout)
    assert document["auth"]["probes"]["totalTargets"] == 2
    assert own.calls("models.probe")[0] == {"provider": "groq", "timeoutMs": 8000}


def test_one_is_a_target() -> None:
    row = {"provider": "p", "label": "x", "status": "ok", "latencyMs": 100}
    lines = list(probe_lines({"results": [row], "totalTargets": 1, "durationMs": 100}))
    assert lines[-1] == "Probed 1 target in 0.1s"
