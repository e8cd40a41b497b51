"""`skills` in the config."""

from __future__ import annotations

from clawfleet.config.models.root import Config


def test_directories_and_single_skills() -> None:
    read = Config.model_validate({"skills": {"load": {"extraDirs": ["~/more"]}, "entries": {"x": {"enabled": False}}}})
    assert read.skills.load.extra_dirs == ("~/more",) and not read.skills.entries["x"].enabled
    assert Config().skills.entries == {}
