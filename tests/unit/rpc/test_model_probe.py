"""A probe tells of each key whether it works; each in the words of the protocol."""

from __future__ import annotations

from pathlib import Path

from clawfleet.models.auth.profiles import AuthProfile
from tests.unit.rpc.house import open_house


async def test_each_key_gets_a_row(tmp_path: Path) -> None:
    providers = {
        "far": {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "k", "models": [{"id": "one"}]},
        "bare": {"baseUrl": "http://127.0.0.1:9/v1", "models": []},
    }
    async with open_house(tmp_path, {"models": {"providers": providers}}) as house:
        store = house.gateway.models.ring.store
        assert store is not None
        await store.put(AuthProfile("far:old", "far", "token", "t", expires_at_ms=1, owner="main"))
        answer = await house.call("models.probe", provider="far", timeoutMs=2000)
        one = await house.call("models.probe", provider="far", profileId="far:gone", timeoutMs=2000)
        bare = await house.call("models.probe", provider="bare")
    rows = {row["label"]: row for row in answer["results"]}
    assert rows["models.providers.far.apiKey"]["status"] == "timeout"
    assert (rows["far:old"]["status"], rows["far:old"]["profileId"]) == ("auth", "far:old")
    assert rows["far:old"]["error"].endswith("↳ Auth reason [expired]: it has expired.")
    assert one["results"][0]["status"] == "unknown"
    assert (bare["status"], bare["results"][0]["status"]) == ("no_model", "no_model")
