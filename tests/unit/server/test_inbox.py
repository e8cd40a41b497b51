"""Frames that come while something is decided: kept in order, up to a bound."""

import asyncio
from typing import cast

import pytest
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from clawfleet.core.tasks import Tasks
from clawfleet.protocol.limits import MAX_EARLY_FRAMES
from clawfleet.server.inbox import Inbox, TooManyEarly
from tests.unit.rpc.house import until


class Line:
    """The receiving half of a socket."""

    client_state = WebSocketState.CONNECTED

    def __init__(self) -> None:
        self.queue: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def receive(self) -> dict[str, str]:
        return await self.queue.get()

    def say(self, *texts: str) -> None:
        for text in texts:
            self.queue.put_nowait({"type": "websocket.receive", "text": text})


async def made() -> tuple[Line, Inbox, Tasks]:
    line, tasks = Line(), Tasks()
    return line, Inbox(cast(WebSocket, line), tasks), tasks


async def test_frames_wait_for_a_decision_and_keep_their_order() -> None:
    line, inbox, tasks = await made()
    decided = asyncio.Event()

    async def decide() -> str:
        await decided.wait()
        return "in"

    line.say("1")
    assert await inbox.next() == "1"
    waiting = asyncio.ensure_future(inbox.meanwhile(decide()))
    line.say("2", "3")
    await until(line.queue.empty)
    decided.set()
    assert await waiting == "in"
    line.say("4")
    assert [await inbox.next() for _ in range(3)] == ["2", "3", "4"]
    await tasks.close()


async def test_one_frame_too_many_ends_it() -> None:
    line, inbox, tasks = await made()
    line.say(*("x" for _ in range(MAX_EARLY_FRAMES + 1)))
    with pytest.raises(TooManyEarly):
        await inbox.meanwhile(asyncio.Event().wait())
    await tasks.close()


async def test_a_client_that_leaves_ends_it() -> None:
    line, inbox, tasks = await made()
    line.queue.put_nowait({"type": "websocket.disconnect"})
    with pytest.raises(WebSocketDisconnect):
        await inbox.meanwhile(asyncio.Event().wait())
    await tasks.close()
