"""Which providers have a key, without the key."""

from pathlib import Path

from clawfleet.core.clock import now_ms
from clawfleet.models.auth.health import Health
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.rpc.model_auth import span_label
from tests.unit.rpc.house import House, open_house


async def test_keys_are_told_by_where_they_come_from(tmp_path: Path) -> None:
    row = {"models": [{"id": "one"}]}
    providers = {
        "near": {**row, "baseUrl": "http://127.0.0.1:9/v1", "apiKey": "k-secret"},
        "open": {**row, "baseUrl": "http://127.0.0.1:9/v1"},
        "far": {**row, "baseUrl": "https://models.example.com/v1"},
    }
    async with open_house(tmp_path, {"models": {"providers": providers}}) as house:
        status = await house.call("models.authStatus", agentId="main")
    rows = {row["provider"]: row for row in status["providers"]}
    assert rows["near"]["status"] == "static" and rows["near"]["apiKey"] == {"source": "config"}
    assert rows["open"]["status"] == "static" and "apiKey" not in rows["open"]
    assert rows["far"]["status"] == "missing" and rows["far"]["profiles"] == []
    assert "k-secret" not in str(status)


async def test_known_providers_take_a_key_and_the_demo_is_none_of_them(house: House) -> None:
    status = await house.call("models.authStatus")
    assert status["providers"] == []
    known = {row["provider"]: row for row in status["providerCapabilities"]}
    assert known["openai"] == {"provider": "openai", "apiKeySupported": True, "quickApiKeySetup": True}
    assert "demo" not in known


async def test_stored_credentials_are_told_with_their_expiry_and_what_became_of_them(tmp_path: Path) -> None:
    providers = {"far": {"baseUrl": "https://models.example.com/v1", "models": [{"id": "one"}]}}
    soon = now_ms() + 2 * 3_600_000
    async with open_house(tmp_path, {"models": {"providers": providers}}) as house:
        store = house.gateway.models.ring.store
        assert store is not None
        await store.put(AuthProfile("far:t", "far", "token", "tok-secret", expires_at_ms=soon, owner="main"))
        await store.put(AuthProfile("far:k", "far", "api_key", "key-secret", owner="main"))
        await store.keep_health(("main", "far:k"), Health(disabled_until_ms=soon, disabled_reason="billing"))
        status = await house.call("models.authStatus")
    (row,) = status["providers"]
    assert row["status"] == "expiring" and row["expiry"]["at"] == soon and row["expiry"]["label"] in ("1h", "2h")
    first, second = row["profiles"]
    assert (first["profileId"], first["type"], first["status"]) == ("far:t", "token", "expiring")
    assert (second["restingReason"], second["restingUntil"]) == ("billing", soon)
    assert "secret" not in str(status)


def test_a_time_is_said_as_people_say_it() -> None:
    labels = [span_label(ms) for ms in (-1, 30_000, 59 * 60_000, 2 * 3_600_000, 72 * 3_600_000)]
    assert labels == ["expired", "1m", "59m", "2h", "3d"]
