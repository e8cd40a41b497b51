"""Which key is sent next, and why another one is not."""

from __future__ import annotations

from clawfleet.config.models.root import Config
from clawfleet.models.auth.health import Health
from clawfleet.models.auth.outlook import Seer
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.ring import Key, KeyRing
from clawfleet.models.auth.store import Stored
from clawfleet.models.catalog import Catalog

NOW = 1_000_000
PROVIDERS = {"far": {"baseUrl": "https://far.example/v1", "apiKey": "key-of-the-config", "models": [{"id": "one"}]}}
PROFILE = AuthProfile("far:a", "far", "token", "token-of-the-store", expires_at_ms=NOW * 2, owner="main")


def seer(health: Health, *profiles: AuthProfile) -> Seer:
    config = Config.model_validate({"models": {"providers": PROVIDERS}})
    ring = KeyRing(clock=lambda: NOW)
    ring.adopt(Stored(profiles, health={("main", "far:a"): health}))
    return Seer(Catalog.of(config, {}, ring.best({}, config.auth)), ring, config.auth, {}, "main")


def test_a_stored_key_is_next_and_rests_for_a_model_only() -> None:
    found = seer(Health(), PROFILE).outlook("far/one")
    assert found.next is not None
    assert (found.next.source, found.next.shown, found.next.expires_at_ms) == (
        "auth profile far:a",
        "token-of...he-store",
        NOW * 2,
    )
    limited = Health(cooldown_until_ms=NOW + 5, cooldown_reason="rate_limit", cooldown_model="other")
    assert not seer(limited, PROFILE).outlook("far/one").keys[0].resting
    broke = seer(Health(disabled_until_ms=NOW + 5, disabled_reason="billing"), PROFILE).outlook("far/one")
    assert broke.keys[0].resting == "billing" and not broke.rests
    assert broke.next is not None and broke.next.source == "models.providers.far.apiKey"


def test_a_key_of_the_config_that_failed_is_among_those_that_rest() -> None:
    found = seer(Health())
    (key,) = found.keys(found.catalog.resolve("far/one"))
    health = Health(disabled_until_ms=NOW + 5, disabled_reason="billing")
    found.ring.adopt(Stored((), health={key.place: health}))
    assert [(row.source, row.resting) for row in found.resting_written()] == [
        ("models.providers.far.apiKey", "billing")
    ]
    assert found.outlook("far/one").rests and isinstance(key, Key)


def test_a_model_that_is_none_says_so() -> None:
    assert "Unknown model" in str(seer(Health()).outlook("nothing").problem)
