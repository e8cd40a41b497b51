"""Frames from one client, in their order; those that come while something is being decided wait, up to a bound."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from clawfleet.core.tasks import Tasks
from clawfleet.protocol.limits import MAX_EARLY_FRAMES

T = TypeVar("T")


class TooManyEarly(Exception):
    """A client sent more than it may before it was let in."""


class Inbox:
    """What comes from one socket. `tasks` keeps the reading that is under way, and ends it."""

    def __init__(self, socket: WebSocket, tasks: Tasks) -> None:
        self._socket = socket
        self._tasks = tasks
        self._early: deque[str | bytes] = deque()
        self._reading: asyncio.Task[str | bytes | WebSocketDisconnect] | None = None

    async def next(self) -> str | bytes:
        """The next frame. Raises `WebSocketDisconnect` when there will be none."""
        if self._early:
            return self._early.popleft()
        if self._reading is None:
            return await _receive(self._socket)
        reading, self._reading = self._reading, None
        return _frame(await reading)

    async def meanwhile(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; frames that come before it is there wait for `next`.

        Raises `TooManyEarly` at one too many, `WebSocketDisconnect` when the client is gone.
        """
        task: asyncio.Task[T] = self._tasks.start(work, name="ws-decision")
        while True:
            if self._reading is None:
                self._reading = self._tasks.start(_quietly(self._socket), name="ws-early")
            await asyncio.wait({task, self._reading}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            reading, self._reading = self._reading, None
            if len(self._early) == MAX_EARLY_FRAMES:
                raise TooManyEarly
            self._early.append(_frame(reading.result()))


def _frame(found: str | bytes | WebSocketDisconnect) -> str | bytes:
    if isinstance(found, WebSocketDisconnect):
        raise found
    return found


async def _quietly(socket: WebSocket) -> str | bytes | WebSocketDisconnect:
    """The next frame, or that there is none: a client that leaves is no failure of a task."""
    try:
        return await _receive(socket)
    except WebSocketDisconnect as gone:
        return gone


async def _receive(socket: WebSocket) -> str | bytes:
    if socket.client_state is not WebSocketState.CONNECTED:
        raise WebSocketDisconnect(1006)
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    data: str | bytes = message.get("text") or message.get("bytes") or ""
    return data
