"""Secrets are read again while the gateway runs."""

from pathlib import Path

from tests.unit.rpc.house import House, open_house

CONFIG = {
    "models": {"providers": {"fake": {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "${FAKE_KEY}", "models": []}}}
}


async def test_a_variable_that_was_set_meanwhile_is_taken_up(tmp_path: Path) -> None:
    async with open_house(tmp_path, CONFIG) as house:
        assert await house.call("secrets.reload") == {"ok": True, "warningCount": 1}
        (house.gateway.instance.state_dir / ".env").write_text("FAKE_KEY=sk-12345\n")
        assert await house.call("secrets.reload") == {"ok": True, "warningCount": 0}
        key = house.gateway.snapshot.config.models.providers["fake"].api_key
        assert key is not None and key.get_secret_value() == "sk-12345"


async def test_only_administrators_reload(house: House) -> None:
    error = await house.refused("secrets.reload", caller=house.caller("operator.write"))
    assert error["details"]["missingScope"] == "operator.admin"
