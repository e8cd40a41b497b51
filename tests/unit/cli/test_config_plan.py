"""`openclaw config plan`: what the file would change."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import TOKEN, FakeGateway, Home, OpenClaw

ROWS = [
    {"path": "gateway.port", "old": 1, "new": 2, "kind": "restart"},
    {"path": "tools.profile", "old": None, "new": "coding", "kind": "hot"},
]


def test_without_a_gateway_the_defaults_are_compared(openclaw: OpenClaw, home: Home) -> None:
    home.write_config("{gateway: {port: 1234, auth: {token: 's3cret-token'}}}")
    done = openclaw("config", "plan")
    assert "difference(s) from the defaults (none runs here):" in done.stdout
    assert "\n  gateway.port: 18789 → 1234 (restart)\n" in done.stdout
    assert '\n  gateway.auth.token: (unset) → "__OPENCLAW_REDACTED__" (hot)\n' in done.stdout
    assert "s3cret" not in done.stdout
    report = json.loads(openclaw("config", "plan", "--json").stdout)
    assert (report["comparedWith"], report["restarts"], report["mode"]) == ("defaults", True, "hybrid")


def test_a_running_gateway_is_asked(openclaw: OpenClaw, home: Home, fake: FakeGateway) -> None:
    home.write_config("{}")
    line = ("config", "plan", "--url", fake.url, "--token", TOKEN)
    fake.answers["config.plan"] = {"path": "p", "mode": "hybrid", "restarts": True, "changes": ROWS}
    assert openclaw(*line).stdout == (
        "2 difference(s) from the running gateway:\n"
        "  gateway.port: 1 → 2 (restart)\n"
        '  tools.profile: (unset) → "coding" (hot)\n'
        "The gateway restarts for them, once running turns have ended.\n"
    )
    for mode, restarts, told in (
        ("off", True, "gateway.reload.mode is off: restart the gateway to apply."),
        ("hot", True, "those marked restart wait"),
        ("hybrid", False, "They apply without a restart."),
    ):
        fake.answers["config.plan"] |= {"mode": mode, "restarts": restarts}
        assert told in openclaw(*line).stdout
    fake.answers["config.plan"] |= {"changes": []}
    assert openclaw(*line).stdout == "No difference from the running gateway.\n"


def test_a_broken_file_is_explained(openclaw: OpenClaw, home: Home) -> None:
    home.write_config("{gateway: {port: 'x'}}")
    done = openclaw("config", "plan", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["issues"] == [
        {"path": "gateway.port", "message": "Invalid input: expected number, received string"}
    ]
