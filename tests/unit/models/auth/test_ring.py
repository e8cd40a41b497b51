"""Which keys may be sent for whom, and what became of each."""

from __future__ import annotations

from pathlib import Path

from clawfleet.config.models.auth import Auth
from clawfleet.models.auth.health import Health
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.ring import Key, KeyRing
from clawfleet.models.auth.store import AuthStore, Stored
from clawfleet.models.credentials import Credential
from clawfleet.models.providers.classify import Reason, Verdict
from clawfleet.models.providers.failures import CallFailed, Site, failure_of
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database

NOW = 1_800_000_000_000
SHARED = AuthProfile("p:shared", "p", "api_key", "s", owner="main")
OTHER = AuthProfile("q:shared", "q", "api_key", "q", owner="main")
OWN = AuthProfile("p:own", "p", "api_key", "o", owner="coder")
ANY = Auth()
INLINE = Key.of_credential("p", Credential("secret", "P_API_KEY"))


def failure(reason: Reason, status: int | None = None) -> CallFailed:
    return failure_of(Verdict(reason, status, None, ""), Site("p", "m", "http://x"))


def ring(*profiles: AuthProfile) -> KeyRing:
    made = KeyRing(clock=lambda: NOW)
    made.adopt(Stored(profiles))
    return made


def ids(keys: list[Key]) -> list[str]:
    return [key.id for key in keys]


def test_an_agent_without_its_own_uses_the_shared_ones() -> None:
    made = ring(SHARED, OTHER, OWN)
    assert [row.id for row in made.profiles("coder")] == ["p:own", "q:shared"]
    assert [row.id for row in made.profiles("writer")] == ["p:shared", "q:shared"]
    assert [row.id for row in made.profiles("main", "p")] == ["p:shared"]


def test_what_cannot_be_used_is_no_key_and_a_pin_comes_first_even_beside_an_order() -> None:
    expired = AuthProfile("p:old", "p", "token", "t", expires_at_ms=1, owner="main")
    second = AuthProfile("p:two", "p", "api_key", "2", owner="main")
    made = ring(SHARED, expired, second)
    assert ids(made.keys("main", "p", ANY, {}, None)) == ["p:shared", "p:two"]
    assert ids(made.keys("main", "p", ANY, {}, "p:two")) == ["p:two", "p:shared"]
    ordered = Auth.model_validate({"order": {"p": ["p:shared"]}})
    assert ids(made.keys("main", "p", ordered, {}, None)) == ["p:shared"]
    assert ids(made.keys("main", "p", ordered, {}, "p:two")) == ["p:two", "p:shared"]


def test_another_text_is_another_key_and_none_shows_in_a_repr() -> None:
    assert INLINE.id != Key.of_credential("p", Credential("fixed", "P_API_KEY")).id
    assert "secret" not in repr(INLINE)


async def test_a_session_stays_with_the_profile_that_served_it() -> None:
    made = ring(SHARED)
    assert made.chosen("s", "p") is None
    await made.succeeded(Key.of_profile(SHARED, {}), "p", "s")
    assert made.chosen("s", "p") == "p:shared" and made.chosen("t", "p") is None


async def test_failures_of_others_making_are_not_held_against_a_key() -> None:
    made, stored = ring(SHARED), Key.of_profile(SHARED, {})
    never: tuple[Reason, ...] = ("format", "model_not_found", "refusal")
    not_a_keys: tuple[Reason, ...] = ("timeout", "server_error", "overloaded")
    for reason in never:
        await made.failed(stored, failure(reason))
    for reason in not_a_keys:
        await made.failed(INLINE, failure(reason))
    assert made.health(stored) == made.health(INLINE) == Health()
    await made.failed(INLINE, failure("auth", 403))
    assert made.blocked_until_ms(INLINE, "m") and not made.blocked_until_ms(INLINE, "other")


async def test_cooldowns_survive_a_restart_but_rate_limits_of_plain_keys_do_not(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    store = AuthStore(db)
    await store.put(SHARED)
    first = KeyRing(store, clock=lambda: NOW)
    await first.refresh()
    profile = Key.of_profile(first.profiles("main")[0], {})
    limited = Key.of_credential("p", Credential("limited", "P_API_KEY_2"))
    await first.failed(profile, failure("billing", 402))
    await first.failed(INLINE, failure("auth", 401))
    await first.failed(limited, failure("rate_limit", 429))
    assert first.blocked_until_ms(limited, "m")
    second = KeyRing(store, clock=lambda: NOW + 1)
    await second.refresh()
    assert second.blocked_until_ms(profile, "m") == NOW + 600_000
    assert second.blocked_until_ms(INLINE, "m") == NOW + 30_000
    assert not second.blocked_until_ms(limited, "m")
    await second.succeeded(profile, "p", "s")
    third = KeyRing(store, clock=lambda: NOW + 2)
    await third.refresh()
    assert not third.blocked_until_ms(profile, "m")
    await db.close()


async def test_what_a_command_writes_is_seen_by_a_running_gateway(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    store = AuthStore(db)
    made = KeyRing(store)
    await made.refresh()
    revision = made.revision
    await made.refresh()
    assert made.revision == revision
    await store.put(SHARED)
    await made.refresh()
    assert made.revision > revision and made.profiles("main") == (SHARED,)
    assert made.best({}, ANY)["p"].source == "auth profile p:shared"
    await db.close()
