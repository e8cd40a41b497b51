"""Which model a provider is asked for, and which row stands for it."""

from __future__ import annotations

from clawfleet.config.models.root import Config
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.ring import KeyRing
from clawfleet.models.auth.store import Stored
from clawfleet.models.client import Models
from clawfleet.models.probing import Manner, Probed, first_model, probe, worst_of

PROVIDERS = {"lan": {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "a"}, {"id": "b"}]}}


def test_the_first_model_is_asked_and_the_best_key_stands_for_the_provider() -> None:
    models = Models(Config.model_validate({"models": {"providers": PROVIDERS}}), {})
    assert str(first_model(models, "lan")) == "lan/a"
    assert first_model(models, "nobody") is None
    chosen = {"models": {"providers": PROVIDERS}, "agents": {"defaults": {"model": "lan/b"}}}
    assert str(first_model(Models(Config.model_validate(chosen), {}), "lan")) == "lan/b", "what is used is probed"
    bad, good = Probed("x", "env", "auth"), Probed("y", "env", "ok")
    assert worst_of([bad, good]) is good and worst_of([bad]) is bad


async def test_what_an_order_leaves_out_is_said_and_the_demo_works() -> None:
    config = {"models": {"providers": PROVIDERS}, "auth": {"order": {"lan": []}}}
    ring = KeyRing()
    ring.adopt(Stored((AuthProfile("lan:a", "lan", "api_key", "k", owner="main"),)))
    models = Models(Config.model_validate(config), {"CLAWFLEET_DEMO_WORD_DELAY_MS": "0"}, ring)
    rows = await probe(models, "lan", "main", Manner(2000))
    assert (rows[-1].reason_code, rows[-1].error) == (
        "excluded_by_auth_order",
        "Excluded by auth.order for this provider.",
    )
    assert [row.status for row in await probe(models, "demo", "main", Manner(2000))] == ["ok"]
    await models.close()


async def test_only_the_named_keys_are_asked_and_a_name_that_is_none_is_told() -> None:
    ring = KeyRing()
    ring.adopt(Stored((AuthProfile("lan:a", "lan", "token", "t", expires_at_ms=1, owner="main"),)))
    models = Models(Config.model_validate({"models": {"providers": PROVIDERS}}), {}, ring)
    rows = await probe(models, "lan", "main", Manner(2000, profiles=("lan:a", "lan:gone")))
    assert [(row.label, row.status, row.reason_code) for row in rows] == [
        ("lan:a", "auth", "expired"),
        ("lan:gone", "unknown", "ineligible_profile"),
    ]
    assert rows[0].error == "Auth profile credentials are missing or expired.\n↳ Auth reason [expired]: it has expired."
