"""`/context`: what fills the window."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House


async def test_files_tools_and_skills_are_measured(equipped: Callable[..., House], tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("x" * 70)
    house = equipped(tools={"allow": ["exec"]})
    said = await typed(house, "/context")
    assert said.startswith("🧠 Context breakdown\nModel: fake/one, window 100000 tokens")
    assert "Tools: 1, schemas of " in said
    assert "\ntool exec: " in await typed(house, "/context detail")
    told = json.loads(await typed(house, "/context json"))
    assert told["files"]["AGENTS.md"] == 70 and list(told["tools"]) == ["exec"]
    assert (await typed(house, "/context all")).startswith("Usage: /context")
