"""Many clients at once: all of them hear what happens, and the gateway is as before when they have left."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.integration.conftest import Station
from tests.support.protocol_client import ProtocolClient

AT_ONCE = 25  # fewer than the sockets that one address may have before they have shown who they are


async def crowd(station: Station, count: int) -> None:
    """Let `count` clients in, tell all of them something, let them go, and ask how the gateway is."""
    async with AsyncExitStack() as closing:
        clients: list[ProtocolClient] = []
        while len(clients) < count:
            some = min(AT_ONCE, count - len(clients))
            clients += await asyncio.gather(*(closing.enter_async_context(station.connect()) for _ in range(some)))
        run_id = await clients[0].send_chat("hello", key=f"crowd-{count}")
        endings = await asyncio.gather(*(client.ended(run_id, limit_s=60) for client in clients))
        assert {ending["state"] for ending in endings} == {"final"}
        for client in clients:
            numbers = [frame["seq"] for frame in client.events]
            assert numbers == list(range(1, len(numbers) + 1))
    async with station.connect() as client:
        assert (await client.call("health"))["ok"] is True


async def test_hundreds_of_clients_hear_of_a_conversation(station: Station) -> None:
    await crowd(station, 200)


@pytest.mark.full
async def test_a_thousand_clients_hear_of_a_conversation(station: Station) -> None:
    await crowd(station, 1000)
