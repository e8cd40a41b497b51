"""The published schema of the gateway protocol, as a judge of what this gateway says and takes."""

from __future__ import annotations

import pytest

from tests.support.npm import packed
from tests.support.published import PACKAGE, Judge, judge_at_hand, judge_of
from tests.support.requirements import need


@pytest.fixture(scope="session")
def judge() -> Judge:
    """The judge; fetches the published package once. From here on every client of the tests judges what it hears."""
    need("npm")
    found = judge_of(packed(PACKAGE))
    judge_at_hand.cache_clear()
    return found
