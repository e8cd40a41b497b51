"""How stored credentials stand is told without their secrets."""

from __future__ import annotations

from clawfleet.config.models.auth import Auth
from clawfleet.models.auth.health import Health
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.report import reports, worst
from clawfleet.models.auth.ring import KeyRing
from clawfleet.models.auth.store import Stored
from clawfleet.secrets.refs import SecretRef

NOW = 1_800_000_000_000
HOUR = 3_600_000


def profile(name: str, kind: str = "api_key", **more: object) -> AuthProfile:
    return AuthProfile(f"p:{name}", "p", kind, "sk-0123456789-bcdefghij", owner="main", **more)  # type: ignore[arg-type]


def test_every_standing() -> None:
    ring = KeyRing(clock=lambda: NOW)
    rows = (
        profile("key"),
        profile("soon", "token", expires_at_ms=NOW + 2 * HOUR),
        profile("later", "token", expires_at_ms=NOW + 48 * HOUR),
        profile("old", "token", expires_at_ms=NOW - 1),
        profile("ref", ref=SecretRef("env", "default", "UNSET_KEY")),
        profile("login", "oauth", refresh="r", token_url="http://x", expires_at_ms=NOW - 1),
    )
    ring.adopt(Stored(rows, health={("main", "p:key"): Health(cooldown_until_ms=NOW + 5, cooldown_reason="auth")}))
    found = {row.id: row for row in reports(ring, "main", Auth(), {})}
    assert {name: row.standing for name, row in found.items()} == {
        "p:key": "static",
        "p:soon": "expiring",
        "p:later": "ok",
        "p:old": "expired",
        "p:ref": "missing",
        "p:login": "ok",
    }
    assert (found["p:key"].resting, found["p:key"].resting_until_ms) == ("auth", NOW + 5)
    assert found["p:soon"].shown == "sk-01234...cdefghij" and found["p:ref"].shown == "ref(env:UNSET_KEY)"
    assert found["p:soon"].resting is None


def test_a_window_that_has_passed_is_not_told() -> None:
    ring = KeyRing(clock=lambda: NOW)
    passed = Health(cooldown_until_ms=NOW, cooldown_reason="auth")
    ring.adopt(Stored((profile("key"),), health={("main", "p:key"): passed}))
    (row,) = reports(ring, "main", Auth(), {})
    assert row.resting is None and row.resting_until_ms == 0


def test_a_provider_stands_as_the_credential_that_is_used_first() -> None:
    ring = KeyRing(clock=lambda: NOW)
    ring.adopt(Stored((profile("a"), profile("old", "token", expires_at_ms=1))))
    order = Auth.model_validate({"order": {"p": ["p:a"]}})
    rows = reports(ring, "main", order, {})
    assert [row.is_excluded for row in rows] == [False, True]
    assert worst(rows) == "static"
    assert worst(rows[1:]) == "expired" and worst([]) == "missing"
