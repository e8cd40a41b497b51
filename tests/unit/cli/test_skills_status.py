"""Skills without a gateway, and by a part of their name."""

from __future__ import annotations

import json

from clawfleet.cli.skills_status import state_of
from tests.unit.cli.conftest import Home, OpenClaw


def put(home: Home, name: str, metadata: str = "{}") -> None:
    folder = home.config_path.parent / "skills" / name
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(f"---\nname: {name}\ndescription: Does it.\nmetadata: {metadata}\n---\n")


def test_the_disk_is_read_where_no_gateway_runs(home: Home, openclaw: OpenClaw) -> None:
    home.write_config('{"agents": {"defaults": {"skills": ["notes"]}}}')
    put(home, "notes")
    put(home, "web")
    rows = json.loads(openclaw("skills", "list", "--json").stdout)["skills"]
    assert [(row["name"], state_of(row), row["modelVisible"]) for row in rows] == [
        ("notes", "ready", True),
        ("web", "not for this agent", False),
    ]
    assert openclaw("skills").stdout.startswith("Skills (1/2 ready)")


def test_a_name_that_there_is_not(home: Home, openclaw: OpenClaw) -> None:
    put(home, "notes")
    refused = openclaw("skills", "info", "note")
    assert refused.exit_code == 1 and "did you mean notes?" in refused.stderr
    assert openclaw("skills", "info", "NOTES").exit_code == 0


def test_states() -> None:
    assert state_of({"disabled": True}) == "disabled"
    assert state_of({"eligible": False, "missing": {"bins": ["x"]}}) == "needs x"
