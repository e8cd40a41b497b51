"""The workspace is made, and its prompt files are read within limits."""

from pathlib import Path

import pytest

from clawfleet.agents.workspace import (
    PROMPT_FILES,
    USER_CHARS,
    Limits,
    PromptFile,
    WorkspaceUnusable,
    files_for,
    prepare,
    read_files,
)


def test_a_missing_workspace_is_made_owner_only(tmp_path: Path) -> None:
    prepare(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_prompt_files_are_read_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "TOOLS.md").write_text("tools\n")
    (tmp_path / "AGENTS.md").write_text("rules")
    (tmp_path / "SOUL.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "OTHER.md").write_text("not ours")
    files = read_files(tmp_path, PROMPT_FILES, Limits())
    assert files == (PromptFile(tmp_path / "AGENTS.md", "rules", 5), PromptFile(tmp_path / "TOOLS.md", "tools", 5))
    assert not any(file.is_cut for file in files)


def test_each_file_and_all_together_have_a_limit(tmp_path: Path) -> None:
    for name in ("AGENTS.md", "SOUL.md", "IDENTITY.md"):
        (tmp_path / name).write_text("x" * 100)
    files = read_files(tmp_path, PROMPT_FILES, Limits(per_file=60, total=100))
    assert [(len(file.text or ""), file.chars, file.is_cut) for file in files] == [
        (60, 100, True),
        (40, 100, True),
        (0, 100, True),
    ]


def test_what_is_known_of_the_user_has_a_limit_that_no_setting_raises(tmp_path: Path) -> None:
    (tmp_path / "USER.md").write_text("u" * 9_000)
    user = read_files(tmp_path, ("USER.md",), Limits(per_file=20_000))[0]
    assert (len(user.text or ""), user.is_cut) == (USER_CHARS, True)
    assert len(read_files(tmp_path, ("USER.md",), Limits(per_file=100))[0].text or "") == 100


def test_only_the_rules_are_missed(tmp_path: Path) -> None:
    assert read_files(tmp_path, PROMPT_FILES, Limits()) == (PromptFile(tmp_path / "AGENTS.md", None),)


def test_a_link_out_of_the_workspace_is_no_file_of_it(tmp_path: Path) -> None:
    """A sandboxed agent may write links into its workspace; the gateway must not follow them for it."""
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "SOUL.md").symlink_to(tmp_path / "secret")
    assert read_files(tmp_path / "work", ("SOUL.md",), Limits()) == ()


def test_memory_is_for_the_main_chat_and_subagents_get_the_rules_only() -> None:
    assert "MEMORY.md" in files_for("agent:ops:main", "ops")
    assert "MEMORY.md" not in files_for("agent:ops:telegram:group:1", "ops")
    assert files_for("agent:ops:subagent:1", "ops") == ("AGENTS.md",)


def test_a_workspace_that_is_a_file_is_named_with_the_key_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceUnusable, match="file") as caught:
        prepare(tmp_path / "file")
    assert "agents.defaults.workspace" in str(caught.value.hint)
