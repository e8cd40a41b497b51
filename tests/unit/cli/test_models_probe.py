"""`openclaw models status --probe`: each key has a row, whether a gateway runs or not."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli.models_probe import probe_lines
from tests.unit.cli.conftest import Home, OpenClaw

PROVIDERS = {"lan": {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "key-of-the-config", "models": [{"id": "one"}]}}


@pytest.fixture(autouse=True)
def _config(home: Home) -> None:
    home.write_config(json.dumps({"models": {"providers": PROVIDERS}, "agents": {"defaults": {"model": "lan/one"}}}))


def test_each_key_has_a_row_and_a_failure_its_reason(openclaw: OpenClaw) -> None:
    paste = ("models", "auth", "paste-token", "--provider", "lan", "--profile-id", "lan:old", "--expires-in", "1m")
    assert openclaw(*paste, stdin="token-of-old\n").exit_code == 0
    shown = openclaw("models", "status", "--probe", "--probe-timeout", "2000").stdout
    for words in ("lan/one", "lan:old", "models.providers.lan.apiKey", "timeout · ", "Probed 2 targets in "):
        assert words in shown
    result = openclaw("models", "status", "--probe-profile", "lan:gone", "--probe-provider", "lan", "--json")
    probes = json.loads(result.stdout)["auth"]["probes"]
    assert probes["options"] == {"timeoutMs": 8000, "concurrency": 2, "maxTokens": 8, "profileIds": ["lan:gone"]}
    (row,) = probes["results"]
    assert (row["label"], row["status"], row["reasonCode"]) == ("lan:gone", "unknown", "ineligible_profile")


def test_one_is_a_target_and_a_reason_may_have_two_lines() -> None:
    row = {"provider": "p", "label": "x", "status": "auth", "latencyMs": 100, "error": "First.\n↳ Second."}
    lines = list(probe_lines({"results": [row], "totalTargets": 1, "durationMs": 100}))
    assert lines[-3:] == ["  ↳ First.", "    ↳ Second.", "Probed 1 target in 0.1s"]
