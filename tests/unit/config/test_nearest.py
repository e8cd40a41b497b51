"""What a mistyped name most likely meant."""

from __future__ import annotations

import pytest

from clawfleet.config.nearest import nearest


@pytest.mark.parametrize(("key", "near"), [("PORT", "port"), ("bnid", "bind"), ("qqq", None)])
def test_nearest(key: str, near: str | None) -> None:
    """Whatever the case; nothing when nothing is near."""
    assert nearest(key, ["port", "bind", "mode"]) == near
