"""Which entry of a list is meant by whom."""

from __future__ import annotations

import pytest

from clawfleet.core.requester import Requester
from clawfleet.tools.senders import entry_for, is_among

ALICE = Requester("telegram", sender_id="42", name="Alice Smith", username="Alice", e164="+15550100")


@pytest.mark.parametrize(
    "entry",
    ["42", "id:42", "from:42", "+15550100", "e164:+15550100", "username:@alice", "name:ALICE SMITH", "*"],
)
def test_all_ways_to_name_somebody(entry: str) -> None:
    assert is_among([entry], ALICE)


@pytest.mark.parametrize("entry", ["alice", "id:7", "name:42", "username:42", "tag:vip", ""])
def test_what_names_somebody_else(entry: str) -> None:
    """A name is no id: people choose their own names."""
    assert not is_among([entry], ALICE)


def test_nobody_is_only_everybody() -> None:
    assert is_among(["*"], None) and not is_among(["42"], None)
    assert entry_for({"id:42": 1, "*": 2}, None) == ("*", 2)
    assert entry_for({"id:42": 1}, None) is None


def test_the_most_certain_naming_wins_and_its_key_is_told_as_written() -> None:
    entries = {"*": 0, "name:alice smith": 1, "username:alice": 2, "e164:+15550100": 3, "ID:42": 4}
    assert entry_for(entries, ALICE) == ("ID:42", 4)
    assert entry_for({**entries, "channel:telegram:42": 5}, ALICE) == ("channel:telegram:42", 5)
