"""Names and tokens are fresh and of the form that clients expect."""

import re
import uuid

from clawfleet.core.ids import new_id, new_token


def test_ids_are_uuids_and_differ() -> None:
    first, second = new_id(), new_id()
    assert uuid.UUID(first) != uuid.UUID(second)


def test_a_token_is_48_hex_characters() -> None:
    assert re.fullmatch(r"[0-9a-f]{48}", new_token())
    assert new_token() != new_token()
