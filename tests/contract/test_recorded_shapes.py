"""Recorded requests get answers of the recorded shape; what is different is listed with its reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clawfleet import rpc
from clawfleet.rpc.registry import collect
from clawfleet.server.broadcast import EVENTS
from tests.contract.replay import Heard, replayed, told
from tests.support.compatibility import Ledger, is_listed, reason_of

LEDGER = Ledger(collect(rpc), EVENTS)
LEAST_SHARE = 0.95
NOT_REPLAYED = frozenset(
    [f"device.pair.{verb}" for verb in ("approve", "reject", "remove", "rename", "setupCode")]
    + [f"device.{verb}" for verb in ("scopes.requestUpgrade", "token.revoke", "token.rotate")]
)
"""They need a second device: `test_ws_official_client` has one, and what it hears is held against the schema."""


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    """All answers of one gateway to all recorded requests."""
    with replayed(tmp_path_factory.mktemp("replay")) as found:
        yield found


@pytest.mark.parametrize("method", sorted(set(LEDGER.shapes) & set(LEDGER.offered) - NOT_REPLAYED))
def test_an_answer_differs_only_as_listed(heard: Heard, method: str) -> None:
    """Mend the answer, or list the difference in tests/data/shape_differences.json; take out what is no more."""
    found = told(heard, method, LEDGER.shapes[method])
    rows = [row for row in LEDGER.differences if row.method == method]
    listed = [pattern for row in rows for pattern in row.what]
    assert [text for text in found if not is_listed(text, listed)] == []
    sure = [pattern for row in rows if not row.sometimes for pattern in row.what]
    assert [pattern for pattern in sure if not any(is_listed(text, [pattern]) for text in found)] == []


def test_every_method_with_a_difference_is_offered() -> None:
    assert [row.method for row in LEDGER.differences if row.method not in LEDGER.offered] == []


def test_every_missing_method_and_event_has_its_reason() -> None:
    """Take a pattern out of tests/data/not_offered.json or not_sent.json when nothing is missing any more."""
    for missing, patterns in (
        (LEDGER.missing_methods(), LEDGER.not_offered),
        (LEDGER.missing_events(), LEDGER.not_sent),
    ):
        assert [name for name in missing if reason_of(name, patterns) is None] == []
        assert [
            pattern for pattern in patterns if not any(reason_of(name, {pattern: ""}) == "" for name in missing)
        ] == []


def test_the_original_s_clients_find_what_they_call() -> None:
    """The share of the methods that its command line and page call, and that answer in the recorded shape."""
    share = len(LEDGER.in_shape) / len(LEDGER.called)
    assert share >= LEAST_SHARE, sorted(set(LEDGER.called) - set(LEDGER.in_shape))
