"""Names of commands: two words, never one that is taken."""

from __future__ import annotations

import random
import re

import pytest

from clawfleet.tools.runtime import slugs
from clawfleet.tools.runtime.slugs import new_slug


def test_two_words() -> None:
    assert re.fullmatch(r"[a-z]+-[a-z]+", new_slug(()))


def test_no_name_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when there are more commands than words."""
    monkeypatch.setattr(slugs, "FIRST", ("swift",))
    monkeypatch.setattr(slugs, "SECOND", ("pine",))
    random.seed(4)
    taken: set[str] = set()
    for _ in range(50):
        slug = new_slug(taken)
        assert slug not in taken
        taken.add(slug)
    assert "swift-pine" in taken
