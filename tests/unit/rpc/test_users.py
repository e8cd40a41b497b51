"""Nobody has a profile; what the owner set in a page is kept."""

from dataclasses import replace
from typing import Any

import pytest

from clawfleet.rpc.clients import Caller
from tests.unit.rpc.house import House


def page(house: House, *scopes: str) -> Caller:
    return replace(house.caller(*scopes), conn_id="page", device_id="d" * 64)


async def asked(house: House, name: str, params: dict[str, Any], *scopes: str) -> Any:
    (frame,) = await house.ask(name, params, caller=page(house, *scopes))
    assert frame["ok"], frame["error"]
    return frame["payload"]


@pytest.mark.parametrize("name", ["users.self", "users.listModelAccounts"])
async def test_a_shared_secret_names_no_person(house: House, name: str) -> None:
    assert await house.refused(name) == {"code": "FORBIDDEN", "message": f"{name} requires an authenticated user"}


async def test_nobody_has_a_profile(house: House) -> None:
    assert await house.call("users.list") == {"profiles": []}


async def test_who_has_no_device_has_no_place_for_preferences(house: House) -> None:
    nowhere = {"status": "no_durable_identity"}
    assert await house.call("users.prefs.get") == nowhere
    assert await house.call("users.prefs.set", entries={"ui.theme": "dark"}) == nowhere


async def test_what_was_set_is_there_in_the_next_page(house: House) -> None:
    assert await asked(house, "users.prefs.get", {"keys": ["ui.theme"]}) == {"status": "ok", "entries": {}}
    assert await asked(house, "users.prefs.set", {"entries": {"ui.theme": "dark", "b": 1}}) == {"status": "ok"}
    assert await asked(house, "users.prefs.get", {"keys": ["ui.theme"]}, "operator.read") == {
        "status": "ok",
        "entries": {"ui.theme": "dark"},
    }


async def test_two_pages_do_not_overwrite_each_other_unseen(house: House) -> None:
    first = {"entries": {"a": 1}, "expectedEntries": {"a": None}}
    assert await asked(house, "users.prefs.set", first) == {"status": "ok"}
    assert await asked(house, "users.prefs.set", {**first, "entries": {"a": 2}}) == {"status": "conflict"}
    assert (await asked(house, "users.prefs.get", {}))["entries"] == {"a": 1}
