"""What users send is kept once, and settled with all that lists show of it."""

from clawfleet.core.messages import Message
from clawfleet.sessions.model import LastRun, SessionChange, Settlement
from clawfleet.sessions.sessions import Sessions
from tests.unit.sessions.filled import KEY, ask, turn


async def test_a_message_that_begins_anew_does_so_once(store: Sessions) -> None:
    first = await ask(store, "a")
    again = await ask(store, "b", resets=True)
    assert again.session.session_id != first.session.session_id
    assert again.entry.seq == 2, "behind the row that says where it began"
    repeated = await ask(store, "b", resets=True)
    assert (repeated.fresh, repeated.session.session_id) == (False, again.session.session_id)


async def test_a_session_remembers_how_its_last_run_ended(store: Sessions) -> None:
    await turn(store, "a")
    session = await store.find(KEY)
    assert session is not None
    assert session.last_run is not None
    assert (session.last_run.id, session.last_run.state, session.unread, session.context_used) == ("a", "done", True, 3)
    await ask(store, "b")
    await store.settle(Settlement("b", "failed", error="boom", started_at_ms=5))
    session = await store.find(KEY)
    assert session is not None
    assert session.last_run == LastRun(
        "b", "failed", "boom", 5, session.last_run.ended_at_ms if session.last_run else 0
    )
    assert session.context_used == 3, "a run that asked nothing says nothing of the context"
    await ask(store, "c")
    await store.settle(Settlement("c", "aborted"))
    session = await store.find(KEY)
    assert session is not None
    assert session.last_run is not None
    assert session.last_run.state == "killed"


async def test_a_command_gives_a_session_no_title(store: Sessions) -> None:
    await ask(store, "a", is_command=True)
    await ask(store, "b")
    session = await store.find(KEY)
    assert session is not None
    assert session.title == "text of b"


async def test_word_of_a_settled_run_has_its_session_and_its_words(store: Sessions) -> None:
    heard: list[SessionChange] = []
    store.changes.listen(heard.append)
    await ask(store, "a")
    assert heard == [], "who starts the run tells of the question"
    await store.settle(Settlement("a", "done"), [Message("assistant", "yes")])
    (change,) = heard
    assert ([entry.message.text for entry in change.entries], change.session.key) == (["yes"], KEY)
