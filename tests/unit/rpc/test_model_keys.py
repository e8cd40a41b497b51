"""Clients keep keys, order them and log out; what runs with a key that goes is stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path

from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.providers.base import TextDelta
from tests.unit.rpc.house import House, open_house, until

PROVIDERS = {"far": {"baseUrl": "https://models.example.com/v1", "models": [{"id": "one"}]}}
CONFIG = {"models": {"providers": PROVIDERS}, "agents": {"defaults": {"model": "far/one"}}}


async def profiles(house: House) -> list[str]:
    status = await house.call("models.authStatus")
    return [row["profileId"] for row in status["providers"][0]["profiles"]]


async def test_a_key_is_kept_and_ordered_and_none_comes_back(tmp_path: Path) -> None:
    async with open_house(tmp_path, CONFIG) as house:
        kept = await house.call("models.authSetApiKey", provider="far", apiKey=" key-one\n")
        assert kept == {"provider": "far", "profileId": "far:default"}
        await house.call("models.authSetApiKey", provider="far", apiKey="key-two", profileId="far:two")
        assert sorted(await profiles(house)) == ["far:default", "far:two"]
        await house.call("models.authOrderSet", provider="far", profileIds=["far:two", "far:default"])
        assert await profiles(house) == ["far:two", "far:default"]
        refused = await house.refused("models.authOrderSet", {"provider": "far", "profileIds": ["far:gone"]})
        assert "far:gone" in refused["message"]
        assert (await house.refused("models.authSetApiKey", {"provider": "far", "apiKey": "two words"}))["message"]


async def test_logging_out_stops_what_runs_with_it_before_it_answers(tmp_path: Path) -> None:
    held = asyncio.Event()
    async with open_house(tmp_path, CONFIG, steps=[[TextDelta("partial words "), held]]) as house:
        store = house.gateway.models.ring.store
        assert store is not None
        await store.put(AuthProfile("far:one", "far", "api_key", "k", owner="main"))
        await house.call("chat.send", sessionKey="main", message="go", idempotencyKey="run-1")
        await until(lambda: any(run.visible for run in house.gateway.runs.live()))
        answer = await house.call("models.authLogout", provider="far")
        assert answer == {"provider": "far", "removedProfiles": ["far:one"], "abortedRunIds": ["run-1"]}
        assert house.heard[-1].body.stop_reason == "auth-revoked"  # type: ignore[union-attr]
        assert await house.call("models.authLogout", provider="far") == {
            "provider": "far",
            "removedProfiles": [],
            "abortedRunIds": [],
        }
        gone = await house.refused("models.authLogout", {"provider": "far", "profileIds": ["far:one"]})
        assert "far:one" in gone["message"]
