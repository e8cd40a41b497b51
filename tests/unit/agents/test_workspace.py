"""The workspace is made, and its prompt files are read within limits."""

from pathlib import Path

import pytest

from clawfleet.agents.workspace import MAX_FILE_CHARS, WorkspaceUnusable, prepare


def test_a_missing_workspace_is_made_owner_only(tmp_path: Path) -> None:
    assert prepare(tmp_path / "a" / "b") == {}
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_prompt_files_are_read_in_their_order_and_cut(tmp_path: Path) -> None:
    (tmp_path / "TOOLS.md").write_text("tools")
    (tmp_path / "AGENTS.md").write_text("a" * (MAX_FILE_CHARS + 5))
    (tmp_path / "USER.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "OTHER.md").write_text("not ours")
    files = prepare(tmp_path)
    assert list(files) == ["AGENTS.md", "TOOLS.md"]
    assert "cut here" in files["AGENTS.md"]


def test_a_workspace_that_is_a_file_is_named_with_the_key_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceUnusable, match="file") as caught:
        prepare(tmp_path / "file")
    assert "agents.defaults.workspace" in str(caught.value.hint)
