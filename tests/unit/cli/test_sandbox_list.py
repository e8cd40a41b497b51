"""`openclaw sandbox list`."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli import sandbox_list
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.uses import Uses
from tests.unit.cli.conftest import Home, OpenClaw

IMAGE = "openclaw-sandbox:bookworm-slim"
LABELS = {"openclaw.sessionKey": "agent:coding:main", "openclaw.configHash": "abc", "openclaw.workspaceDir": "/w"}
FOUND = [
    Found("1", "openclaw-sbx-1", True, 1, LABELS, IMAGE, "sha256:new"),
    Found("2", "openclaw-sbx-2", False, 1, {"openclaw.sessionKey": "shared"}, IMAGE, "sha256:old"),
]


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_list, "containers_of", lambda _: FOUND)
    monkeypatch.setattr(sandbox_list, "images_now", lambda _, images: dict.fromkeys(images, "sha256:new"))


def test_none_is_said(openclaw: OpenClaw) -> None:
    assert openclaw("sandbox", "list").stdout == "No sandbox runtimes found.\n"


@pytest.mark.usefixtures("there")
def test_containers_are_told_one_by_one_with_a_total(openclaw: OpenClaw) -> None:
    lines = openclaw("sandbox", "list").stdout.splitlines()
    assert lines[:3] == ["openclaw-sbx-1", "  Status:  running", f"  Image:   {IMAGE} ✓"]
    assert lines[5:9] == ["  Session: agent:coding:main", "", "openclaw-sbx-2", "  Status:  stopped"]
    assert lines[9].endswith("not what the config asks for")
    assert lines[-1] == "Total: 2 (1 running)"


@pytest.mark.usefixtures("there")
def test_scripts_are_told_more(home: Home, openclaw: OpenClaw) -> None:
    """An image of the same name that was built anew is another image."""
    Uses(home.state_dir).note("openclaw-sbx-1")
    first, second = json.loads(openclaw("sandbox", "list", "--json").stdout)["containers"]
    assert (first["agentId"], second["agentId"]) == ("coding", None)
    assert (first["imageMatch"], second["imageMatch"]) == (True, False)
    assert (first["backendId"], first["configHash"], first["workspaceDir"]) == ("docker", "abc", "/w")
    assert first["lastUsedAtMs"] > second["lastUsedAtMs"] == 1
    assert json.loads(openclaw("sandbox", "list", "--browser", "--json").stdout) == {"containers": [], "browsers": []}


@pytest.mark.usefixtures("there")
def test_a_broken_config_does_not_keep_them_from_being_shown(home: Home, openclaw: OpenClaw) -> None:
    home.write_config("{ nonsense")
    assert json.loads(openclaw("sandbox", "list", "--json").stdout)["containers"][0]["imageMatch"] is None
