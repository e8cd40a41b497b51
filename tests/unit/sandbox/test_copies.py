"""What a sandbox that does not see the workspace gets of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clawfleet.sandbox import copies
from clawfleet.sandbox.copies import refresh_skills, seed


def skill(root: Path, name: str, text: str) -> Path:
    (root / name).mkdir(parents=True, exist_ok=True)
    (root / name / "SKILL.md").write_text(text)
    return root / name


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


def held(target: Path) -> dict[str, str]:
    return {str(path.relative_to(target)): path.read_text() for path in target.rglob("*") if path.is_file()}


def test_the_agents_files_are_copied_and_links_are_not(tmp_path: Path) -> None:
    own, workspace = tmp_path / "own", tmp_path / "ws"
    own.mkdir()
    workspace.mkdir()
    (workspace / "AGENTS.md").write_text("rules")
    (workspace / "notes.md").write_text("mine")
    (tmp_path / "secret").write_text("hunter2")
    (workspace / "USER.md").symlink_to(tmp_path / "secret")
    seed(own, workspace)
    assert held(own) == {"AGENTS.md": "rules"}


def test_skills_of_several_places_stand_side_by_side_and_the_first_of_a_name_counts(
    tmp_path: Path, target: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    skill(one, "dance", "mine")
    skill(two, "dance", "theirs")
    run = skill(two, "sing", "la") / "run.sh"
    run.write_text("#!/bin/sh")
    run.chmod(0o700)
    refresh_skills(target, (one, two, tmp_path / "nowhere"))
    assert held(target) == {"dance/SKILL.md": "mine", "sing/SKILL.md": "la", "sing/run.sh": "#!/bin/sh"}
    assert os.access(target / "sing" / "run.sh", os.X_OK)


def test_what_changed_or_went_is_taken_up_and_else_nothing_is_written(tmp_path: Path, target: Path) -> None:
    root = tmp_path / "skills"
    skill(root, "dance", "one")
    skill(root, "sing", "la")
    refresh_skills(target, (root,))
    before = (target / "dance" / "SKILL.md").stat().st_ino
    refresh_skills(target, (root,))
    assert (target / "dance" / "SKILL.md").stat().st_ino == before
    (root / "sing" / "SKILL.md").unlink()
    skill(root, "dance", "another one")
    refresh_skills(target, (root,))
    assert held(target) == {"dance/SKILL.md": "another one"}


def test_links_stay_outside(tmp_path: Path, target: Path) -> None:
    """A skill that is a link, a link in a skill, and what lies behind one."""
    root = tmp_path / "skills"
    dance = skill(root, "dance", "one")
    (tmp_path / "secret").write_text("hunter2")
    (dance / "leak").symlink_to(tmp_path / "secret")
    (dance / "more").symlink_to(tmp_path)
    (root / "all").symlink_to(tmp_path)
    refresh_skills(target, (root,))
    assert held(target) == {"dance/SKILL.md": "one"}


def test_too_many_are_cut_off_and_told(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(copies, "MOST_FILES", 1)
    skill(tmp_path / "skills", "a", "a")
    skill(tmp_path / "skills", "b", "b")
    refresh_skills(target, (tmp_path / "skills",))
    assert held(target) == {"a/SKILL.md": "a"}
    assert "too many skills" in caplog.text
