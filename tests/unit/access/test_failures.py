"""Wrong credentials, counted: who waits, who is slowed, and that memory is bounded."""

import pytest

from clawfleet.access.failures import Failures, delay_ms, key_of
from clawfleet.access.locality import Peer
from clawfleet.config.models.gateway import RateLimit
from tests.unit.access.doors import LOCAL, REMOTE, Clock

AFAR, HERE = Peer(REMOTE, {}), Peer(LOCAL, {})


def made(clock: Clock, **rules: int | bool) -> Failures:
    limit = RateLimit.model_validate(rules)
    return Failures(lambda: limit, clock)


def test_old_failures_do_not_count() -> None:
    clock = Clock()
    failures = made(clock, maxAttempts=3, windowMs=1000)
    for _ in range(6):
        failures.add(AFAR, "shared-secret")
        clock.now += 501
    assert failures.wait_ms(AFAR, "shared-secret") is None


def test_the_lock_ends_by_itself_and_by_address_and_class() -> None:
    clock = Clock()
    failures = made(clock, maxAttempts=2, lockoutMs=1000)
    for _ in range(2):
        failures.add(AFAR, "shared-secret")
    clock.now += 400
    assert failures.wait_ms(AFAR, "shared-secret") == 600
    assert failures.wait_ms(AFAR, "device-token") is None
    assert failures.wait_ms(Peer("198.51.100.8", {}), "shared-secret") is None
    clock.now += 600
    assert failures.wait_ms(AFAR, "shared-secret") is None


def test_this_machine_is_locked_out_only_when_the_config_says_so() -> None:
    clock = Clock()
    spared, treated = made(clock, maxAttempts=1), made(clock, maxAttempts=1, exemptLoopback=False)
    assert (spared.add(HERE, "shared-secret"), treated.add(HERE, "shared-secret")) == (250, 0)
    assert spared.wait_ms(HERE, "shared-secret") is None
    assert treated.wait_ms(HERE, "shared-secret") == 300_000


def test_the_right_credential_wipes_the_slate() -> None:
    failures = made(Clock())
    failures.add(HERE, "shared-secret")
    failures.forget(HERE, "shared-secret")
    assert len(failures) == 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.access.failures.MAX_CALLERS", 5)
    failures = made(Clock(), maxAttempts=1)
    for number in range(20):
        failures.add(Peer(f"198.51.100.{number}", {}), "shared-secret")
    assert len(failures) == 5
    assert failures.wait_ms(Peer("198.51.100.19", {}), "shared-secret") is not None


def test_who_is_counted_as_whom() -> None:
    assert key_of(AFAR) == REMOTE
    assert key_of(Peer(LOCAL, {"x-forwarded-for": "x"}, client="203.0.113.5")) == "203.0.113.5"
    assert key_of(Peer(LOCAL, {"origin": "http://localhost:1"})) == "origin http://localhost:1"
    assert key_of(Peer(REMOTE, {"origin": "http://localhost:1"})) == REMOTE
    assert key_of(Peer(None, {})) == "unknown"


def test_the_ladder_of_delays() -> None:
    assert [delay_ms(n) for n in (0, 1, 2, 5, 6, 60)] == [250, 250, 500, 4000, 5000, 5000]
