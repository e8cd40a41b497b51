"""Which providers have a key, without the key."""

from pathlib import Path

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
    assert known["openai"] == {"provider": "openai", "apiKeySupported": True, "quickApiKeySetup": False}
    assert "demo" not in known
