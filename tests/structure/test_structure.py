"""The repository keeps the rules of the house."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.structure.exceptions import EXCEPTIONS, MOST
from tests.structure.rules import RULES

ROOT = Path(__file__).resolve().parents[2]


def _subject(violation: str) -> str:
    return violation.split(": ", 1)[0]


@pytest.mark.parametrize("name", RULES)
def test_the_repository_keeps(name: str) -> None:
    """Nothing breaks the rule but what its exception list names, and each entry there is still needed."""
    excused = EXCEPTIONS[name]
    violations = RULES[name](ROOT)
    idle = excused - {_subject(text) for text in violations}
    broken = [text for text in violations if _subject(text) not in excused]
    broken += [f"{subject}: keeps the rule now; take it out of tests/structure/exceptions.py" for subject in idle]
    if broken:
        pytest.fail(f"{name}\n  " + "\n  ".join(broken), pytrace=False)


def test_exception_lists_only_shrink() -> None:
    """Every rule has a list, and none holds more than its committed size."""
    assert set(EXCEPTIONS) == set(RULES) == set(MOST)
    grown = {name: len(entries) for name, entries in EXCEPTIONS.items() if len(entries) > MOST[name]}
    assert not grown, f"exception lists may only shrink: {grown}"
