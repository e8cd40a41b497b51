"""`openclaw agents`."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import TOKEN, FakeGateway, Home, OpenClaw

CONFIG = {
    "agents": {"list": [{"id": "main", "name": "Ada"}, {"id": "coding", "model": "demo/echo"}]},
    "bindings": [
        {"agentId": "coding", "match": {"channel": "discord", "peer": {"kind": "channel", "id": "42"}, "roles": ["a"]}}
    ],
}


def test_the_agents_are_listed(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    assert openclaw("agents", "list", "--bindings").stdout == (
        "Agents:\n"
        "- main (default) (Ada)\n"
        "  Workspace: ~/.openclaw/workspace\n"
        "  Model: demo/echo\n"
        "  Routing rules: 0\n"
        "- coding\n"
        "  Workspace: ~/.openclaw/workspace-coding\n"
        "  Model: demo/echo\n"
        "  Routing rules: 1\n"
        "    - discord peer=channel:42 roles=a\n"
    )


def test_the_list_comes_as_json(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    rows = json.loads(openclaw("agents", "list", "--json").stdout)
    assert rows[1] == {
        "id": "coding",
        "workspace": str(home.state_dir / "workspace-coding"),
        "model": "demo/echo",
        "bindings": 1,
        "isDefault": False,
    }


def test_without_a_config_there_is_the_implied_agent(openclaw: OpenClaw) -> None:
    assert [row["id"] for row in json.loads(openclaw("agents", "list", "--json").stdout)] == ["main"]


def test_an_agent_is_added_and_deleted_without_a_gateway(home: Home, openclaw: OpenClaw) -> None:
    added = openclaw("agents", "add", "Helper", "--non-interactive", "--model", "demo/echo", "--json")
    place = home.state_dir / "workspace-helper"
    assert json.loads(added.stdout) == {
        "agentId": "helper",
        "name": "Helper",
        "workspace": str(place),
        "model": "demo/echo",
        "bindings": {"added": [], "updated": [], "skipped": [], "conflicts": []},
    }
    assert place.is_dir()
    deleted = openclaw("agents", "delete", "helper", "--force")
    assert (deleted.exit_code, deleted.stdout) == (0, "Deleted agent: helper\n")
    assert not place.exists()
    assert json.loads(home.config_path.read_text())["agents"] == {"entries": {"main": {}}}


def test_what_stays_is_named(home: Home, openclaw: OpenClaw) -> None:
    assert openclaw("agents", "add", "Helper", "--workspace", "~").stdout == "Added agent: helper\nWorkspace: ~/.\n"
    result = openclaw("agents", "delete", "helper", "--force", "--json")
    assert "stays: the home directory would go with it" in result.stderr
    assert json.loads(result.stdout)["removed"] == []
    assert home.root.is_dir()


def test_nobody_is_deleted_without_a_word_of_consent(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    result = openclaw("agents", "delete", "coding")
    assert result.exit_code == 1
    assert "without --force" in result.stderr
    assert home.config_path.read_text() == json.dumps(CONFIG)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("delete", "nobody", "--force"), 'agent "nobody" not found'),
        (("add", "main"), '"main" is reserved'),
        (("add", "…"), "no id can be made"),
    ],
)
def test_what_cannot_be_is_said(openclaw: OpenClaw, line: tuple[str, ...], message: str) -> None:
    result = openclaw("agents", *line)
    assert result.exit_code == 1
    assert message in result.stderr


def test_a_running_gateway_makes_the_change(own: FakeGateway, home: Home, openclaw: OpenClaw) -> None:
    """So that it holds at once."""
    own.answers["agents.create"] = {"ok": True, "agentId": "helper", "name": "Helper", "workspace": "/w"}
    own.answers["agents.delete"] = {"ok": True, "agentId": "helper", "removedBindings": 0, "removed": [], "failed": []}
    text = home.config_path.read_text()
    assert TOKEN in text
    assert openclaw("agents", "add", "Helper", "--workspace", "~/w").stdout == "Added agent: helper\nWorkspace: /w\n"
    assert own.calls("agents.create") == [{"name": "Helper", "workspace": str(home.root / "w")}]
    assert openclaw("agents", "delete", "helper", "--force").exit_code == 0
    assert own.calls("agents.delete") == [{"agentId": "helper", "deleteFiles": True}]
    assert home.config_path.read_text() == text
