"""`models.list`: what can be used comes first, the rest on request."""

from pathlib import Path

from clawfleet.core.clock import now_ms
from clawfleet.models.auth.health import Health
from clawfleet.models.auth.profiles import AuthProfile
from tests.unit.rpc.house import House, open_house

CONFIG = {
    "agents": {"entries": {"main": {}, "ops": {"model": "fake/small"}}},
    "models": {
        "providers": {
            "fake": {
                "baseUrl": "http://127.0.0.1:9/v1",
                "apiKey": "k",
                "models": [
                    {"id": "big", "name": "Big", "contextWindow": 200_000, "reasoning": True,
                     "input": ["text", "image"]},
                    {"id": "small"},
                ],
            },
            "keyless": {"baseUrl": "https://models.example.com/v1", "models": [{"id": "far"}]},
        }
    },
}  # fmt: skip


async def test_without_a_config_there_is_the_demo(house: House) -> None:
    (row,) = (await house.call("models.list"))["models"]
    assert (row["provider"], row["id"], row["available"], row["tags"]) == ("demo", "echo", True, ["default"])


async def test_a_model_has_its_window_senses_and_names(tmp_path: Path) -> None:
    async with open_house(tmp_path, CONFIG) as house:
        rows = {f"{row['provider']}/{row['id']}": row for row in (await house.call("models.list"))["models"]}
    big = rows["fake/big"]
    assert (big["name"], big["contextWindow"], big["reasoning"], big["input"]) == (
        "Big",
        200_000,
        True,
        ["text", "image"],
    )
    assert big["tags"] == ["default"]
    assert rows["fake/small"]["tags"] == []
    assert "keyless/far" not in rows


async def test_the_default_is_the_named_agents_own(tmp_path: Path) -> None:
    async with open_house(tmp_path, CONFIG) as house:
        rows = (await house.call("models.list", agentId="ops", includeDetails=True))["models"]
        assert [row["id"] for row in rows if "default" in row["tags"]] == ["small"]
        error = await house.refused("models.list", {"agentId": "nope"})
    assert error["details"]["code"] == "UNKNOWN_AGENT"


async def test_all_lists_what_cannot_be_used_and_why(tmp_path: Path) -> None:
    async with open_house(tmp_path, CONFIG) as house:
        rows = (await house.call("models.list", view="all"))["models"]
        error = await house.refused("models.list", {"view": "everything"})
    (far,) = [row for row in rows if row["id"] == "far"]
    assert (far["available"], far["unavailableReason"]) == (False, "missing-auth")
    assert error["message"] == "invalid models.list params: at /view: must be equal to one of the allowed values"


async def test_a_model_says_how_hard_it_may_think(tmp_path: Path) -> None:
    async with open_house(tmp_path, CONFIG) as house:
        rows = {row["id"]: row for row in (await house.call("models.list"))["models"]}
    assert [level["id"] for level in rows["big"]["thinkingLevels"]] == ["off", "minimal", "low", "medium", "high"]
    assert rows["big"]["thinkingDefault"] == "medium"
    assert (rows["small"]["thinkingLevels"], rows["small"]["thinkingDefault"]) == (
        [{"id": "off", "label": "off"}],
        "off",
    )


async def test_details_and_defaults_come_when_they_are_asked_for(tmp_path: Path) -> None:
    async with open_house(tmp_path, CONFIG) as house:
        plain = await house.call("models.list", view="default", preparedOnly=True)
        detailed = await house.call("models.list", includeDetails=True)
        configured = await house.call("models.list", view="configured")
    assert "local" not in plain["models"][0] and "defaultModels" not in plain
    assert detailed["models"][0]["local"] is True
    assert configured["defaultModels"] == {"automaticUtilityModel": None}


async def test_a_model_whose_keys_all_rest_says_so(tmp_path: Path) -> None:
    provider = {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "one"}]}
    later = now_ms() + 600_000
    async with open_house(tmp_path, {"models": {"providers": {"lan": provider}}}) as house:
        store = house.gateway.models.ring.store
        assert store is not None
        await store.put(AuthProfile("lan:a", "lan", "api_key", "k", owner="main"))
        await store.keep_health(("main", "lan:a"), Health(disabled_until_ms=later, disabled_reason="billing"))
        rows = {row["id"]: row for row in (await house.call("models.list"))["models"]}
    assert (rows["one"]["available"], rows["one"]["unavailableReason"]) == (False, "cooldown")
