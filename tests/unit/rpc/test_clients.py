"""Who is meant by an event that does not go to everybody."""

from clawfleet.protocol.handshake import Client
from clawfleet.rpc.clients import Caller, everybody, watching_messages, watching_sessions, with_capability


def caller(*caps: str) -> Caller:
    return Caller("c", Client(id="cli", version="1", platform="linux", mode="cli"), (), True, caps=caps)


def test_a_new_connection_watches_nothing() -> None:
    one = caller()
    assert everybody(one)
    assert not watching_sessions(one)
    assert not watching_messages("agent:main:main")(one)


def test_connections_do_not_share_what_they_watch() -> None:
    one, other = caller(), caller()
    one.state.watches_sessions = True
    one.state.watched_messages.add("agent:main:main")
    assert (watching_sessions(one), watching_sessions(other)) == (True, False)
    assert [watching_messages("agent:main:main")(who) for who in (one, other)] == [True, False]


def test_a_capability_is_one_that_was_announced() -> None:
    assert [with_capability("approvals")(who) for who in (caller("approvals"), caller())] == [True, False]
