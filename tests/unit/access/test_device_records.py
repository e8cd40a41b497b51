"""Scopes as approvals and tokens carry them."""

import pytest

from clawfleet.access.device_records import covers, merged, normalised

ADMIN, READ, WRITE, PAIRING = "operator.admin", "operator.read", "operator.write", "operator.pairing"


@pytest.mark.parametrize(
    ("held", "asked", "enough"),
    [
        ([ADMIN], [READ, WRITE, PAIRING, "operator.talk.secrets", "operator.newer"], True),
        ([ADMIN], ["foo.bar"], False),
        ([WRITE], [READ], True),
        ([READ], [WRITE], False),
        ([WRITE], [PAIRING], False),
        ([], [], True),
        (["foo.bar"], ["foo.bar"], True),
    ],
)
def test_what_covers_what(held: list[str], asked: list[str], enough: bool) -> None:
    assert covers(held, asked) is enough


def test_tokens_carry_what_is_implied_in_order() -> None:
    assert normalised([PAIRING, ADMIN]) == (ADMIN, PAIRING, READ, WRITE)
    assert normalised([WRITE]) == (READ, WRITE)
    assert normalised([]) == ()


def test_lists_are_joined_in_order_without_repeats() -> None:
    assert merged([READ, ADMIN], [ADMIN, WRITE]) == (READ, ADMIN, WRITE)
