"""What the system prompt says, and in which order."""

from pathlib import Path

from clawfleet.agents.prompt import Scene, system_prompt
from clawfleet.agents.workspace import PromptFile

SCENE = Scene(agent_id="main", agent_name=None, session_key="agent:main:main", model="fake/one", workspace="/w")
AT_MS = 1_795_867_200_000


def test_it_names_who_where_and_which_tools() -> None:
    text = system_prompt(
        Scene("main", "Clawy", "agent:main:main", "fake/one", "/w", tools=["exec"], extra="Answer in French."), AT_MS
    )
    for part in ("You are Clawy", "/w", "exec", "Answer in French.", "agent=main", "model=fake/one"):
        assert part in text


def test_files_stand_under_their_paths_and_what_is_cut_or_missing_says_so() -> None:
    files = [
        PromptFile(Path("/w/AGENTS.md"), None),
        PromptFile(Path("/w/SOUL.md"), "Be kind.", 8),
        PromptFile(Path("/w/USER.md"), "uuuu", 9_000),
    ]
    text = system_prompt(Scene("main", None, "k", "m", "/w", files), AT_MS)
    assert "# Project Context\n\nSome of these files are cut. Read the file itself" in text
    assert "## /w/AGENTS.md\n[MISSING] Expected at: /w/AGENTS.md" in text
    assert "## /w/SOUL.md\nBe kind.\n\n## /w/USER.md\nuuuu\n[cut here: 4 of 9000 characters]" in text
    assert "# Project Context" not in system_prompt(SCENE, AT_MS)


def test_only_the_end_changes_from_day_to_day() -> None:
    """What providers keep in their cache is the beginning."""
    one, two = system_prompt(SCENE, AT_MS), system_prompt(SCENE, AT_MS + 86_400_000)
    assert "Today is Saturday 2026-11-28 (UTC)." in one
    assert one.split("Today is")[0] == two.split("Today is")[0]


def test_a_sandbox_and_silence_are_told_where_they_are_possible() -> None:
    text = system_prompt(Scene("main", None, "k", "m", "/w", place="In a container.", may_be_silent=True), AT_MS)
    assert "## Sandbox\nIn a container." in text
    assert "NO_REPLY" in text
    assert "NO_REPLY" not in system_prompt(SCENE, AT_MS)
