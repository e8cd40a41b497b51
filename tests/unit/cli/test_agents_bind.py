"""`openclaw agents bind|unbind|bindings`."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Home, OpenClaw

CONFIG = """{
  // who answers
  gateway: { mode: 'local' },
  agents: { entries: { main: {}, coding: {} } },
}
"""


@pytest.fixture(autouse=True)
def _two_agents(home: Home) -> None:
    home.write_config(CONFIG)


def test_an_agent_is_bound_shown_and_unbound(home: Home, openclaw: OpenClaw) -> None:
    bound = openclaw("agents", "bind", "--agent", "coding", "--bind", "telegram:ops", "--bind", "discord:*")
    assert bound.exit_code == 0
    assert bound.stdout.startswith("Added bindings:\n- telegram accountId=ops\n- discord accountId=*\n")
    assert "discord is not a channel of this gateway" in bound.stderr
    assert openclaw("agents", "bindings").stdout == (
        "Routing bindings:\n- coding <- telegram accountId=ops\n- coding <- discord accountId=*\n"
    )
    listed = openclaw("agents", "list", "--bindings").stdout
    assert "  Routing rules: 2\n    - telegram accountId=ops\n" in listed
    gone = openclaw("agents", "unbind", "--agent", "coding", "--bind", "telegram:ops")
    assert gone.stdout.startswith("Removed bindings:\n- telegram accountId=ops\n")
    assert openclaw("agents", "unbind", "--agent", "coding", "--all").exit_code == 0
    assert openclaw("agents", "bindings").stdout == "No routing bindings.\n"
    assert openclaw("agents", "unbind", "--agent", "coding", "--all").stdout == "No bindings to remove.\n"
    assert "// who answers" in home.config_path.read_text()


def test_json_says_what_was_done(openclaw: OpenClaw) -> None:
    done = openclaw("agents", "bind", "--agent", "coding", "--bind", "telegram", "--json")
    assert json.loads(done.stdout) == {
        "agentId": "coding",
        "added": ["telegram"],
        "updated": [],
        "skipped": [],
        "conflicts": [],
    }
    taken = openclaw("agents", "bind", "--bind", "telegram", "--json")
    assert taken.exit_code == 1
    assert json.loads(taken.stdout)["conflicts"] == ["telegram (agent=coding)"]
    (row,) = json.loads(openclaw("agents", "bindings", "--json", "--agent", "coding").stdout)
    assert row == {"agentId": "coding", "match": {"channel": "telegram"}, "description": "telegram"}
    gone = openclaw("agents", "unbind", "--agent", "coding", "--bind", "telegram", "--json")
    assert json.loads(gone.stdout)["removed"] == ["telegram"]


def test_a_new_agent_can_be_bound_at_once(openclaw: OpenClaw) -> None:
    made = openclaw("agents", "add", "helper", "--bind", "telegram:ops", "--json", "--non-interactive")
    assert json.loads(made.stdout)["bindings"]["added"] == ["telegram accountId=ops"]


def test_what_is_missing_or_unknown_is_said(openclaw: OpenClaw) -> None:
    assert openclaw("agents", "bind").exit_code == 2
    assert openclaw("agents", "unbind").exit_code == 2
    assert openclaw("agents", "bind", "--agent", "nobody", "--bind", "telegram").exit_code == 2
    assert openclaw("agents", "bind", "--bind", "telegram:").exit_code == 1
