"""`openclaw sandbox explain`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw

CONFIG = {
    "agents": {
        "defaults": {"sandbox": {"mode": "non-main", "scope": "session"}},
        "entries": {"main": {}, "coding": {"tools": {"deny": ["exec"]}}},
    }
}


def test_the_main_session_is_spared_and_others_are_not(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    assert "Runtime: direct (on the host)" in openclaw("sandbox", "explain").stdout
    found = json.loads(openclaw("sandbox", "explain", "--session", "notes", "--json").stdout)
    assert found["sandbox"]["sessionIsSandboxed"] is True
    assert found["sandbox"]["scopeKey"] == "agent:main:notes"


def test_a_tool_that_is_missing_names_its_key(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    assert "Not on offer: exec (agents.entries.coding.tools.deny removes it)" in (
        openclaw("sandbox", "explain", "--agent", "coding").stdout
    )
    assert openclaw("sandbox", "explain", "--agent", "nobody").exit_code == 2


def test_what_a_session_sees_and_what_keeps_it_from_seeing_it(home: Home, openclaw: OpenClaw) -> None:
    """The mounts as they would be made; a bind that is refused is told before anybody trips over it."""
    docker = {"binds": ["/etc:/x:ro"]}
    home.write_config(json.dumps({"agents": {"defaults": {"sandbox": {"mode": "all", "workspaceAccess": "ro"}}}}))
    sandbox = json.loads(openclaw("sandbox", "explain", "--json").stdout)["sandbox"]
    assert [(mount["containerRoot"], mount["writable"]) for mount in sandbox["workspaceMounts"]] == [
        ("/workspace", False),
        ("/agent", False),
    ]
    assert (sandbox["runtimeWorkdir"], sandbox["backend"], sandbox["refused"]) == ("/workspace", "docker", None)
    home.write_config(json.dumps({"agents": {"defaults": {"sandbox": {"mode": "all", "docker": docker}}}}))
    assert "Refused: Sandbox security: mounting /etc is blocked" in openclaw("sandbox", "explain").stdout


def test_who_may_leave_the_sandbox(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"tools": {"elevated": {"allowFrom": {"webchat": ["*"]}}}}))
    elevated = json.loads(openclaw("sandbox", "explain", "--json").stdout)["elevated"]
    assert (elevated["enabled"], elevated["allowedByConfig"], elevated["failures"]) == (True, True, [])
    home.write_config("{}")
    elevated = json.loads(openclaw("sandbox", "explain", "--json").stdout)["elevated"]
    assert (elevated["allowedByConfig"], elevated["failures"]) == (False, ["tools.elevated.allowFrom.<channel>"])
