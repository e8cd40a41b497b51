"""`openclaw tools explain`, without a gateway: what follows from the config alone."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw

TRAP = {
    "tools": {"profile": "full", "allow": ["group:runtime"]},
    "agents": {"list": [{"id": "main"}, {"id": "coder", "tools": {"deny": ["exec"]}}]},
}


def test_the_trap_is_named_with_the_way_out(home: Home, openclaw: OpenClaw) -> None:
    """The key that narrows, what it takes away, and a command that mends it."""
    home.write_config(json.dumps(TRAP))
    said = openclaw("tools", "explain").stdout
    assert "tools.profile=full allows all." in said
    assert "tools.allow then keeps only group:runtime and removes " in said
    assert "To widen: openclaw config unset tools.allow" in said
    assert "to add to a tool profile use `alsoAllow`" in said


def test_one_tool_of_one_agent(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(TRAP))
    found = json.loads(openclaw("tools", "explain", "--agent", "coder", "--tool", "bash", "--json").stdout)
    assert found["tools"] == [
        {
            "name": "exec",
            "allowed": False,
            "removedBy": {"layer": "agent", "key": "agents.entries.coder.tools.deny", "rule": "deny"},
            "fix": "openclaw config unset agents.entries.coder.tools.deny",
        }
    ]
    assert (found["agentId"], found["sessionKey"], found["sandboxed"]) == ("coder", "agent:coder:main", False)
    assert found["total"] == len(found["allowed"]) + sum(len(layer["removed"]) for layer in found["layers"])
    assert found["unavailable"] is None


def test_the_commands_that_are_told_work(home: Home, openclaw: OpenClaw) -> None:
    """Also in a file that lists its agents, and under a profile."""
    home.write_config(json.dumps(TRAP))
    assert openclaw("config", "unset", "agents.entries.coder.tools.deny").exit_code == 0
    found = json.loads(openclaw("tools", "explain", "--agent", "coder", "--json").stdout)
    assert "exec" in found["allowed"]


def test_the_seeds_own_repair_works_as_it_is_written(home: Home, openclaw: OpenClaw) -> None:
    """Also where a key is not set: the script goes on."""
    home.write_config(json.dumps({"tools": {"profile": "full", "allow": ["group:runtime"]}}))
    assert openclaw("config", "unset", "tools.allow").exit_code == 0
    assert openclaw("config", "unset", "tools.deny").exit_code == 0
    assert openclaw("config", "set", "tools.profile", "messaging").exit_code == 0
    found = json.loads(openclaw("tools", "explain", "--json").stdout)
    assert "exec" not in found["allowed"] and found["narrowedBy"] == ["tools.profile"]


def test_a_model_may_be_named(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"tools": {"byProvider": {"demo": {"deny": ["exec"]}}}}))
    assert "exec" not in json.loads(openclaw("tools", "explain", "--model", "demo/echo", "--json").stdout)["allowed"]


def test_a_tool_that_there_is_not(home: Home, openclaw: OpenClaw) -> None:
    refused = openclaw("tools", "explain", "--tool", "exek")
    assert refused.exit_code == 2
    assert 'this gateway has no tool "exek"' in refused.stderr and "exec" in refused.stderr
