"""The files of an agent over the wire."""

from pathlib import Path

import pytest

from clawfleet.agents.workspace_files import SHAPING
from tests.unit.rpc.house import House


async def test_every_file_is_listed_there_or_not(house: House) -> None:
    workspace = Path(house.gateway.roster.get("main").workspace)
    await house.call("agents.files.set", agentId="main", name="SOUL.md", content="kind")
    listed = await house.call("agents.files.list", agentId="main")
    assert (listed["agentId"], listed["workspace"]) == ("main", str(workspace))
    rows = {row["name"]: row for row in listed["files"]}
    assert list(rows) == list(SHAPING)
    assert rows["AGENTS.md"] == {
        "name": "AGENTS.md",
        "path": str(workspace / "AGENTS.md"),
        "missing": True,
        "expectedAbsent": False,
    }
    assert (rows["USER.md"]["expectedAbsent"], rows["SOUL.md"]["missing"], rows["SOUL.md"]["size"]) == (True, False, 4)
    assert "content" not in rows["SOUL.md"]


async def test_a_file_is_written_and_read(house: House) -> None:
    done = await house.call("agents.files.set", agentId="main", name="AGENTS.md", content="# hi\n")
    assert (done["ok"], done["file"]["content"], done["file"]["missing"]) == (True, "# hi\n", False)
    found = await house.call("agents.files.get", agentId="main", name="AGENTS.md")
    assert found["file"] == done["file"]
    missing = await house.call("agents.files.get", agentId="main", name="USER.md")
    assert missing["file"]["missing"] is True


async def test_the_workspace_can_be_looked_through(house: House) -> None:
    workspace = Path(house.gateway.roster.get("main").workspace)
    (workspace / "notes").mkdir(parents=True)
    (workspace / "notes/a.txt").write_text("hello")
    (workspace / "b.txt").write_text("b")
    top = await house.call("agents.workspace.list", agentId="main")
    assert [(row["path"], row["kind"], row.get("size")) for row in top["entries"]] == [
        ("notes", "directory", None),
        ("b.txt", "file", 1),
    ]
    assert (top["path"], "parentPath" in top, top["totalEntries"], top["offset"]) == ("", False, 2, 0)
    page = await house.call("agents.workspace.list", agentId="main", offset=1, limit=1)
    assert [row["name"] for row in page["entries"]] == ["b.txt"]
    below = await house.call("agents.workspace.list", agentId="main", path="notes")
    assert (below["path"], below["parentPath"], below["entries"][0]["name"]) == ("notes", "", "a.txt")
    found = await house.call("agents.workspace.get", agentId="main", path="notes/a.txt")
    file = found["file"]
    assert (file["path"], file["name"], file["encoding"], file["content"]) == ("notes/a.txt", "a.txt", "utf8", "hello")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("agents.files.list", {}),
        ("agents.files.get", {"name": "AGENTS.md"}),
        ("agents.files.set", {"name": "AGENTS.md", "content": "x"}),
        ("agents.workspace.list", {}),
        ("agents.workspace.get", {"path": "x"}),
    ],
)
async def test_an_agent_that_is_not_there_has_no_files(house: House, method: str, params: dict[str, str]) -> None:
    error = await house.refused(method, {"agentId": "helper", **params})
    assert (error["code"], error["message"]) == ("INVALID_REQUEST", 'agent "helper" not found')


async def test_nothing_outside_is_read_or_written(house: House) -> None:
    for method, params in (
        ("agents.files.get", {"name": "../openclaw.json"}),
        ("agents.files.set", {"name": "../openclaw.json", "content": "{}"}),
        ("agents.workspace.get", {"path": "../openclaw.json"}),
        ("agents.workspace.list", {"path": ".."}),
    ):
        assert (await house.refused(method, {"agentId": "main", **params}))["code"] == "INVALID_REQUEST"
