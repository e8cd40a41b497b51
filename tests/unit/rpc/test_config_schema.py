"""Which keys the config has, as forms ask for them."""

import pytest

from tests.unit.rpc.house import House


async def test_the_whole_schema_comes_with_a_hint_for_each_key(house: House) -> None:
    found = await house.call("config.schema")
    assert found["schema"]["properties"]["gateway"]
    assert found["uiHints"]["gateway.auth.token"] == {
        "label": "Token",
        "help": "Shared token. Unset: OPENCLAW_GATEWAY_TOKEN, else one is generated and kept.",
        "sensitive": True,
    }
    assert found["version"] == house.gateway.vitals.version
    assert found["generatedAt"].endswith("Z")


async def test_one_place_is_described_with_what_stands_below_it(house: House) -> None:
    found = await house.call("config.schema.lookup", path="gateway.auth")
    assert (found["path"], found["hintPath"], found["reloadKind"]) == ("gateway.auth", "gateway.auth", "restart")
    rows = {row["key"]: row for row in found["children"]}
    assert rows["token"] == {
        "key": "token",
        "path": "gateway.auth.token",
        "type": "string",
        "required": False,
        "hasChildren": False,
        "reloadKind": "hot",
        "hint": {
            "label": "Token",
            "help": "Shared token. Unset: OPENCLAW_GATEWAY_TOKEN, else one is generated and kept.",
            "sensitive": True,
        },
        "hintPath": "gateway.auth.token",
    }
    assert rows["mode"]["reloadKind"] == "restart"


async def test_the_whole_file_and_either_name_of_the_roster_are_places(house: House) -> None:
    whole = await house.call("config.schema.lookup", path=".")
    assert "gateway" in {row["key"] for row in whole["children"]}
    agent = await house.call("config.schema.lookup", path="agents.list.*")
    assert "workspace" in {row["key"] for row in agent["children"]}


@pytest.mark.parametrize("path", ["nope.nope", "a[", "gateway.auth.token.x"])
async def test_what_is_no_place_is_refused(house: House, path: str) -> None:
    error = await house.refused("config.schema.lookup", {"path": path})
    assert error["message"] == "config schema path not found"
