"""Who asked survives the way to disk and back."""

from __future__ import annotations

from clawfleet.core.requester import Requester


def test_a_requester_is_read_as_it_was_written() -> None:
    asked = Requester("telegram", chat_type="group", chat_id="-1", sender_id="42", name="Ä", is_owner=True)
    assert Requester.decode(asked.encode()) == asked
    assert "may_approve" not in asked.encode()
