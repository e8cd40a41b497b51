from __future__ import annotations

import json

from tests.unit.cli.conftest import FakeGateway, OpenClaw

READY = {
    "name": "notes",
    "description": "Takes notes",
    "source": "workspace",
    "eligible": True,
    "missing": {"bins": []},
}
LACKS = {**READY, "name": "video", "eligible": False, "missing": {"bins": ["ffmpeg"], "env": []}}
FOREIGN = {**READY, "name": "mac", "eligible": False, "missing": {}}


def test_skills_with_what_they_lack(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["skills.status"] = {"skills": [READY, LACKS, FOREIGN], "workspaceDir": "/w", "managedSkillsDir": "/m"}
    lines = openclaw("skills", "list", "--agent", "main").stdout.splitlines()
    assert own.calls("skills.status") == [{"agentId": "main"}]
    assert lines[0] == "Skills (1/3 ready)"
    assert [line.split("  ")[0] for line in lines[2:]] == ["ready", "needs ffmpeg", "not here"]
    document = json.loads(openclaw("skills", "list", "--eligible", "--json").stdout)
    assert [row["name"] for row in document["skills"]] == ["notes"]


def test_none_says_where_they_would_be(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["skills.status"] = {"skills": [], "workspaceDir": "/w", "managedSkillsDir": "/m"}
    assert "Put them into /m or /w/skills" in openclaw("skills", "list").stdout
