"""The pairing store: one code per stranger, three at a time, for an hour."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from clawfleet.access.pairing import ALPHABET, LIFETIME_MS, CodeAmbiguous, CodeUnknown, PairingRequest, PairingStore
from clawfleet.core.errors import NotFoundError
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database

HOUR = 3_600_000


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.at_ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.at_ms


@pytest_asyncio.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    yield database
    await database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(db: Database, clock: Clock) -> PairingStore:
    return PairingStore(db, clock)


async def ask(store: PairingStore, sender: str, *, account: str = "default") -> PairingRequest:
    request = await store.request("telegram", account, sender, {"username": f"u{sender}"})
    assert request is not None
    return request


async def test_a_code_is_eight_easy_characters_and_differs_per_stranger(store: PairingStore) -> None:
    codes = {(await ask(store, str(sender))).code for sender in (1, 2, 3)}
    assert len(codes) == 3
    assert all(len(code) == 8 and set(code) <= set(ALPHABET) for code in codes)
    assert len(ALPHABET) == 32 and not set("01IO") & set(ALPHABET)


async def test_a_second_message_finds_the_same_code_and_only_moves_last_seen(store: PairingStore, clock: Clock) -> None:
    first = await ask(store, "42")
    clock.at_ms += 60_000
    again = await ask(store, "42")
    assert (again.code, again.created_at_ms) == (first.code, first.created_at_ms)
    assert again.last_seen_at_ms == first.last_seen_at_ms + 60_000


async def test_a_request_counts_as_answered_only_once_said_so(store: PairingStore) -> None:
    first = await ask(store, "42")
    assert not first.answered and not (await ask(store, "42")).answered
    await store.mark_answered(first)
    assert (await ask(store, "42")).answered
    assert (await store.list())[0].meta == {"username": "u42"}


async def test_a_fourth_stranger_gets_nothing_but_another_account_has_room(store: PairingStore) -> None:
    for sender in ("1", "2", "3"):
        await ask(store, sender)
    assert await store.request("telegram", "default", "4", {}) is None
    assert await store.request("telegram", "ops", "4", {}) is not None
    assert (await ask(store, "2")).sender_id == "2"


async def test_strangers_who_come_at_once_do_not_get_past_the_limit(store: PairingStore) -> None:
    made = await asyncio.gather(*(store.request("telegram", "default", str(sender), {}) for sender in range(8)))
    assert sum(request is not None for request in made) == 3


async def test_approval_takes_lower_case_lets_the_sender_in_and_uses_up_the_code(store: PairingStore) -> None:
    code = (await ask(store, "42")).code
    approved = await store.approve("telegram", f" {code.lower()} ")
    assert (approved.channel, approved.account, approved.sender_id) == ("telegram", "default", "42")
    assert await store.approved_ids("telegram", "default") == {"42"}
    assert await store.list() == ()
    with pytest.raises(CodeUnknown):
        await store.approve("telegram", code)


async def test_an_approval_holds_for_its_account_only(store: PairingStore) -> None:
    await store.approve("telegram", (await ask(store, "42", account="ops")).code)
    assert await store.approved_ids("telegram", "default") == frozenset()


async def test_a_code_of_another_channel_or_account_is_unknown(store: PairingStore) -> None:
    code = (await ask(store, "42")).code
    with pytest.raises(CodeUnknown):
        await store.approve("discord", code)
    with pytest.raises(CodeUnknown) as caught:
        await store.approve("telegram", code, account="ops")
    assert str(caught.value) == (
        f'No pending pairing request found for code "{code}". '
        "Run openclaw pairing list --channel telegram to list pending requests."
    )
    assert caught.value.exit_code == 1


async def test_after_an_hour_the_code_is_refused_and_a_new_one_is_given(store: PairingStore, clock: Clock) -> None:
    old = await ask(store, "42")
    clock.at_ms += LIFETIME_MS + 60_000
    assert LIFETIME_MS == HOUR
    with pytest.raises(CodeUnknown):
        await store.approve("telegram", old.code)
    assert await store.list() == ()
    assert (await ask(store, "42")).code != old.code


async def test_expired_strangers_make_room(store: PairingStore, clock: Clock) -> None:
    for sender in ("1", "2", "3"):
        await ask(store, sender)
    clock.at_ms += LIFETIME_MS
    assert (await ask(store, "4")).sender_id == "4"


async def test_approving_by_sender_needs_no_code(store: PairingStore) -> None:
    await ask(store, "42")
    await store.approve_sender("telegram", "default", "42")
    assert await store.approved_ids("telegram", "default") == {"42"}
    with pytest.raises(NotFoundError):
        await store.approve_sender("telegram", "default", "42")


async def test_a_code_that_waits_in_two_accounts_is_not_guessed(store: PairingStore, db: Database) -> None:
    code = (await ask(store, "42")).code
    await ask(store, "43", account="ops")
    await db.write(lambda connection: connection.execute("UPDATE pairing_requests SET code=?", (code,)))
    with pytest.raises(CodeAmbiguous):
        await store.approve("telegram", code)
    assert (await store.approve("telegram", code, account="ops")).sender_id == "43"


async def test_everything_is_there_after_a_restart(db: Database, store: PairingStore, clock: Clock) -> None:
    code = (await ask(store, "42")).code
    await store.approve("telegram", (await ask(store, "43")).code)
    other = await Database.open(db.path, MIGRATIONS)
    try:
        again = PairingStore(other, clock)
        assert [row.code for row in await again.list("telegram")] == [code]
        assert await again.approved_ids("telegram", "default") == {"43"}
    finally:
        await other.close()
