"""A page that asks for models with its `connect` gets them right after it came in; nobody else does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.device import DeviceKey
from tests.support.protocol_client import ProtocolClient
from tests.unit.rpc.house import TOKEN
from tests.unit.server.served import Served

PAGE = {"id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "webchat"}
CAPS = ["model-catalog-snapshot"]


async def come_in(client: ProtocolClient, **over: Any) -> list[dict[str, Any]]:
    """The snapshots that stand before the answer to the first request."""
    params = {"client": PAGE, "key": DeviceKey("page"), "caps": CAPS, "scopes": ["operator.read"], **over}
    assert (await client.connect(TOKEN, **params))["ok"]
    await client.call("health")
    return [frame for frame in client.frames if frame.get("event") == "models.snapshot"]


@pytest.mark.parametrize(
    ("target", "scope"),
    [
        ({"sessionKey": "main"}, {"sessionKey": "main"}),
        ({"agentId": "main"}, {"agentId": "main"}),
        ({"agentId": "nobody"}, {"agentId": "main"}),
        ({}, {"agentId": "main"}),
    ],
)
async def test_a_page_gets_the_models_that_it_asked_for(
    served: Served, target: dict[str, str], scope: dict[str, str]
) -> None:
    async with served.open(origin=served.url) as client:
        (frame,) = await come_in(client, modelCatalog=target)
        listed = await client.call("models.list", view="configured")
    assert frame.keys() == {"type", "event", "payload"}
    assert frame["payload"] == {"target": target, "scope": scope, "catalog": listed}


@pytest.mark.parametrize(
    "over",
    [
        {},
        {"modelCatalog": "main"},
        {"modelCatalog": {"sessionKey": "agent:nobody:main"}},
        {"modelCatalog": {"agentId": "main", "shortId": "abc"}},
        {"modelCatalog": {"agentId": "main"}, "caps": []},
        {"modelCatalog": {"agentId": "main"}, "scopes": ["operator.pairing"]},
    ],
)
async def test_who_did_not_ask_or_may_not_see_them_gets_none(served: Served, over: dict[str, Any]) -> None:
    async with served.open(origin=served.url) as client:
        assert await come_in(client, **over) == []


async def test_another_client_gets_none(served: Served) -> None:
    async with served.connect(modelCatalog={"sessionKey": "main"}, caps=CAPS) as client:
        await client.call("health")
        assert [frame for frame in client.frames if frame.get("event") == "models.snapshot"] == []
