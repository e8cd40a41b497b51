"""Directories of two gateways that links make one."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared_places import shared_places


@pytest.mark.parametrize(
    ("one", "other", "link", "level"),
    [
        (("a", "a/w"), ("b", "b/w"), None, None),
        (("a", "a/w"), ("b", "b/w"), ("b", "a"), "error"),
        (("a", "a/w"), ("b", "shared"), ("shared", "a"), "error"),
        (("a", "wa"), ("b", "wb"), ("wb", "wa"), "error"),
        (("a", "wa"), ("b", "wb"), ("wb", "a/inner"), "warning"),
    ],
)
def test_what_is_one_place_is_told(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str], link: tuple[str, str] | None, level: str | None
) -> None:
    """What the fleet file itself says was told before; a workspace in another's state dir is a warning, as there."""
    if link:
        (tmp_path / link[1]).mkdir(parents=True)
        (tmp_path / link[0]).symlink_to(tmp_path / link[1])
    specs = [
        {"id": name, "stateDir": str(tmp_path / state), "workspace": str(tmp_path / workspace)}
        for name, (state, workspace) in (("h/one", one), ("h/two", other))
    ]
    levels = {found[2] for found in shared_places(specs)}
    assert ("error" in levels) == (level == "error")
    assert bool(levels) == (level is not None)
