"""Where skills are looked for, and which counts when two have one name."""

from pathlib import Path

import pytest

from clawfleet.agents import skills as module
from clawfleet.agents.skill_file import Needs
from clawfleet.agents.skills import Grounds, Skill, managed_dir, skills_of


def put(folder: Path, name: str, metadata: str = "") -> None:
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(f"---\nname: {name}\ndescription: d\nmetadata: {metadata}\n---\n")


def found(home: Path, **environ: str) -> tuple[Skill, ...]:
    return skills_of(home / "ws", Grounds(home / "state", home / "me", environ))


def test_the_nearest_of_one_name_counts(tmp_path: Path) -> None:
    put(managed_dir(tmp_path / "state") / "a", "shared")
    put(tmp_path / "me" / ".agents" / "skills" / "b", "mine")
    put(tmp_path / "ws" / ".agents" / "skills" / "c", "project")
    put(tmp_path / "ws" / "skills" / "deep" / "d", "shared")
    put(tmp_path / "ws" / "skills" / ".hidden" / "e", "hidden")
    assert [(skill.file.name, skill.source) for skill in found(tmp_path)] == [
        ("mine", "agents-skills-personal"),
        ("project", "agents-skills-project"),
        ("shared", "openclaw-workspace"),
    ]


def test_it_is_said_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    needs = '{"openclaw": {"os": %s, "requires": {"bins": ["tool"], "anyBins": ["x", "tool"], "env": ["KEY"]}}}'
    put(tmp_path / "ws" / "skills" / "here", "here", needs % '["linux", "darwin"]')
    put(tmp_path / "ws" / "skills" / "there", "there", needs % '["darwin"]')
    here, there = found(tmp_path, PATH=str(tmp_path))
    assert here.missing == Needs(("tool",), ("x", "tool"), ("KEY",))
    assert not here.is_eligible and here.is_here and not there.is_here
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o755)
    here, there = found(tmp_path, PATH=str(tmp_path), KEY="k")
    assert here.is_eligible and there.missing == Needs(os=("darwin",))


def test_there_is_an_end_to_looking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    for name in ("a", "b"):
        put(tmp_path / "ws" / "skills" / name, name)
    put(tmp_path / "state" / "skills" / Path(*"1234567"), "too deep")
    assert [skill.file.name for skill in found(tmp_path)] == ["a"]
    monkeypatch.setattr(module, "MOST", 9)
    assert [skill.file.name for skill in found(tmp_path)] == ["a", "b"]
    (tmp_path / "ws" / "skills" / "a" / "SKILL.md").unlink()
    (tmp_path / "ws" / "skills" / "a" / "SKILL.md").mkdir()
    assert [skill.file.name for skill in found(tmp_path)] == ["b"]


def test_more_directories_keys_of_the_config_and_what_is_switched_off(tmp_path: Path) -> None:
    put(tmp_path / "more" / "a", "keyed", '{"openclaw": {"requires": {"config": ["channels.telegram"]}}}')
    put(tmp_path / "more" / "b", "off")
    grounds = Grounds(tmp_path, tmp_path, {}, (tmp_path / "more",), frozenset({"off"}), lambda key: key == "channels.x")
    keyed, off = skills_of(tmp_path / "ws", grounds)
    assert (keyed.source, keyed.missing) == ("openclaw-extra", Needs(config=("channels.telegram",)))
    assert not keyed.is_eligible and not off.is_eligible and off.missing == Needs()


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    put(tmp_path / "ws" / "skills" / "a", "before")
    assert [skill.file.name for skill in found(tmp_path)] == ["before"]
    (tmp_path / "ws" / "skills" / "a" / "SKILL.md").write_text("---\nname: after-it\ndescription: d\n---\n")
    assert [skill.file.name for skill in found(tmp_path)] == ["after-it"]
