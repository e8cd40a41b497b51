"""What scopes grant, and which events they open."""

import pytest

from clawfleet.protocol.scopes import grants, may_see


@pytest.mark.parametrize(
    ("held", "needed", "expected"),
    [
        ((), None, True),
        ((), "operator.read", False),
        (("operator.read",), "operator.read", True),
        (("operator.read",), "operator.write", False),
        (("operator.write",), "operator.read", True),
        (("operator.write",), "operator.pairing", False),
        (("operator.admin",), "operator.pairing", True),
    ],
)
def test_grants(held: tuple[str, ...], needed: str | None, expected: bool) -> None:
    assert grants(held, needed) is expected


def test_events_without_secrets_reach_everybody_and_conversations_need_read() -> None:
    assert may_see((), "tick")
    assert may_see((), "shutdown")
    assert not may_see((), "chat")
    assert may_see(("operator.write",), "chat")
    assert not may_see(("operator.admin",), "something.new")
