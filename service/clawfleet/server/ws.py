"""One WebSocket: handshake, then requests in and frames out through one bounded queue. Source: protocol §2–3."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from clawfleet.access.gate import DEVICE_REMOVED, Admitted, Gate
from clawfleet.access.locality import Peer
from clawfleet.core.clock import now_ms
from clawfleet.core.ids import new_id
from clawfleet.core.tasks import Tasks
from clawfleet.protocol import frames, limits
from clawfleet.protocol.frames import BadFrame, NotJson, RequestFrame
from clawfleet.protocol.handshake import Connect, Refused, read_connect
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.clients import Caller
from clawfleet.server.broadcast import Broadcast
from clawfleet.server.dispatch import Dispatcher, respond
from clawfleet.server.hello import auth_shape, caller_of, hello_ok
from clawfleet.server.inbox import Inbox, TooManyEarly
from clawfleet.server.model_catalog import CAPABILITY, snapshot

log = logging.getLogger("clawfleet.server.ws")

BUSY = {"code": "UNAVAILABLE", "message": "The server is busy. Please try again in a moment.", "retryable": True}


class Outbox:
    """Frames on their way to one client, in order. Past `limits.MAX_BUFFERED` bytes the client counts as too slow."""

    def __init__(self) -> None:
        self._frames: deque[str] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._limit = asyncio.timeout(None)
        self.closing: tuple[int, str] | None = None

    def put(self, frame: str, *, droppable: bool = False) -> None:
        """Queue `frame`; one too many closes the connection, unless it is droppable, then it is left out."""
        if self.closing is not None:
            return
        if self._bytes + _size(frame) > limits.MAX_BUFFERED:
            if not droppable:
                self._frames.clear()
                self.close(1008, "slow consumer")
            return
        self._frames.append(frame)
        self._bytes += _size(frame)
        self._filled.set()

    def close(self, code: int, reason: str) -> None:
        """Close once everything queued has gone out, or after `limits.CLOSE_S` when the other end does not read."""
        if self.closing is None:
            self.closing = (code, frames.close_reason(reason))
            self._filled.set()
            self._set_limit()

    def _set_limit(self) -> None:
        with suppress(RuntimeError):  # nothing is sent yet, or no longer
            self._limit.reschedule(asyncio.get_running_loop().time() + limits.CLOSE_S)

    async def pump(self, socket: WebSocket) -> None:
        """Send until closed, or until the other end is gone or reads nothing any more."""
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            try:
                async with self._limit:
                    if self.closing is not None:
                        self._set_limit()
                    await self._send_all(socket)
            except ValueError:  # a bug; a socket that stays open and mute would hide it from its client
                log.exception("a frame could not be written")
                await socket.close(1011, "frame could not be written")

    async def _send_all(self, socket: WebSocket) -> None:
        while True:
            while self._frames:
                await socket.send_text(self._next())
            if self.closing is not None:
                await socket.close(*self.closing)
                return
            self._filled.clear()
            await self._filled.wait()

    def _next(self) -> str:
        """The frame whose turn it is. A sender keeps no name for it: that would outlive the connection.

        What ends a sender holds on to its variables until the next collection of garbage, which may be long.
        """
        frame = self._frames.popleft()
        self._bytes -= _size(frame)
        return frame


def _size(frame: str) -> int:
    return len(frame) if frame.isascii() else len(frame.encode(errors="replace"))


class Connection:
    """One client that has come in."""

    def __init__(self, caller: Caller, dispatcher: Dispatcher, outbox: Outbox, admitted: Admitted) -> None:
        self.caller = caller
        self.admitted = admitted
        self.outbox = outbox
        self._dispatcher = dispatcher
        self._tasks = Tasks()
        self._seq = 0
        self._under_way = 0

    def post(self, head: str, *, droppable: bool = False) -> None:
        """Queue a broadcast event under this connection's next number."""
        self._seq += 1
        self.outbox.put(frames.numbered(head, self._seq), droppable=droppable)

    def put(self, frame: str) -> None:
        """Queue a whole frame."""
        self.outbox.put(frame)

    def close(self, code: int, reason: str) -> None:
        """Close once everything queued has gone out."""
        self.outbox.close(code, reason)

    def take(self, data: str | bytes) -> None:
        """Start answering one frame; frames that are no JSON are ignored (protocol §7)."""
        try:
            request = frames.read_request(data)
        except NotJson:
            return
        except BadFrame as error:
            self.outbox.put(frames.refusal(error.request_id, frames.error_shape(error)))
            return
        if self._under_way >= limits.MAX_REQUESTS_UNDER_WAY:
            self.outbox.put(frames.refusal(request.id, BUSY))
            return
        self._under_way += 1
        self._tasks.start(self._answer(request), name=f"rpc:{request.method}")

    async def _answer(self, request: RequestFrame) -> None:
        later: list[Awaitable[Any]] = []
        try:
            self.outbox.put(await self._dispatcher.answer(request, self.caller, later.append))
        finally:
            self._under_way -= 1
        for answer in later:
            self.outbox.put(await respond(request, answer))

    async def end(self) -> None:
        """Stop answering."""
        await self._tasks.close()


class Door:
    """Lets WebSockets in and keeps those that are connected."""

    def __init__(self, gateway: Gateway, gate: Gate, dispatcher: Dispatcher, broadcast: Broadcast) -> None:
        self._gateway = gateway
        self._gate = gate
        self._dispatcher = dispatcher
        self._broadcast = broadcast
        self._outboxes: set[Outbox] = set()
        self._over: tuple[int, str] | None = None
        self._waiting: dict[str | None, int] = {}
        environ = gateway.instance.environ
        self._handshake_s = _number(environ, "OPENCLAW_HANDSHAKE_TIMEOUT_MS", limits.HANDSHAKE_S * 1000) / 1000
        self._most_waiting = _number(environ, "OPENCLAW_MAX_PREAUTH_CONNECTIONS_PER_IP", limits.MAX_PREAUTH_PER_ADDRESS)
        self.health_version = 1

    def versions(self) -> dict[str, int]:
        """The counters of presence and health that ride on their events."""
        return {"presence": self._gateway.presence.version, "health": self.health_version}

    def has_room(self, peer: Peer) -> bool:
        """Whether an address may open one more socket that has not shown who it is."""
        return self._waiting.get(peer.client, 0) < self._most_waiting

    def close_all(self, code: int, reason: str) -> None:
        """Close every socket after what is queued for it has gone out, and those that still come in at once."""
        self._over = (code, reason)
        for outbox in tuple(self._outboxes):
            outbox.close(code, reason)

    async def serve(self, socket: WebSocket, peer: Peer) -> None:
        """One socket from its upgrade to its end."""
        with ExitStack() as unknown:
            unknown.enter_context(self._counted(peer.client))
            await socket.accept()
            await self._serve(socket, peer, known=unknown.close)

    async def _serve(self, socket: WebSocket, peer: Peer, *, known: Callable[[], None]) -> None:
        outbox, tasks = Outbox(), Tasks()
        self._outboxes.add(outbox)
        if self._over is not None:
            outbox.close(*self._over)
        pump = tasks.start(outbox.pump(socket), name="ws-out")
        connection: Connection | None = None
        try:
            inbox = Inbox(socket, tasks)
            connection = await self._shake_hands(inbox, outbox, peer)
            known()
            if connection is not None:
                self._broadcast.join(connection)  # at once: what happens from here on is in no snapshot
                tasks.start(self._look_again(connection), name="ws-look-again")
                talk = tasks.start(self._converse(inbox, connection, peer), name="ws-in")
                await asyncio.wait({talk, pump}, return_when=asyncio.FIRST_COMPLETED)
                if outbox.closing is None:
                    return
            await pump
        except WebSocketDisconnect:
            log.debug("socket of %s is gone", peer.client)
        finally:
            self._outboxes.discard(outbox)
            if connection is not None:
                self._broadcast.leave(connection)
            await tasks.close()

    async def _shake_hands(self, inbox: Inbox, outbox: Outbox, peer: Peer) -> Connection | None:
        challenge = {
            "nonce": (nonce := new_id()),
            "ts": now_ms(),
            "capabilities": [CAPABILITY],
            # Which gateway this is, before a client shows what it keeps for another one.
            "instanceId": self._gateway.vitals.instance_id,
        }
        outbox.put(frames.event("connect.challenge", challenge))
        try:
            async with asyncio.timeout(self._handshake_s):
                verdict = await self._verdict(read_connect(await inbox.next()), peer, nonce, inbox)
        except TimeoutError:
            verdict = Refused(1000)
        except TooManyEarly:
            verdict = Refused(1008, "too many pending handshake frames")
        if isinstance(verdict, Refused):
            if verdict.request_id is not None:
                outbox.put(frames.refusal(verdict.request_id, verdict.error))
                log.info("refused a client at %s: %s", peer.client, verdict.reason or verdict.message)
            outbox.close(verdict.close_code, verdict.reason or verdict.message)
            return None
        connect, admitted = verdict
        caller = caller_of(connect, admitted, new_id(), peer)
        models = await snapshot(connect.params, caller, self._gateway, self._dispatcher)
        hello = await hello_ok(self._gateway, caller, connect, self._dispatcher.names, self.versions())
        hello["auth"] = auth_shape(caller, admitted.token)
        outbox.put(frames.response(connect.request_id, hello))
        if models is not None:
            outbox.put(models)
        return Connection(caller, self._dispatcher, outbox, admitted)

    @contextmanager
    def _counted(self, address: str | None) -> Generator[None, None, None]:
        """Count a socket against its address until it has shown who it is."""
        self._waiting[address] = self._waiting.get(address, 0) + 1
        try:
            yield
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]

    async def _verdict(
        self, connect: Connect | Refused, peer: Peer, nonce: str, inbox: Inbox
    ) -> Refused | tuple[Connect, Admitted]:
        if isinstance(connect, Refused):
            return connect

        async def decide() -> Admitted | Refused:
            verdict = await self._gate.admit(connect, peer, nonce)
            if isinstance(verdict, Refused):
                await asyncio.sleep(verdict.delay_ms / 1000)
            return verdict

        admitted = await inbox.meanwhile(decide())
        return admitted if isinstance(admitted, Refused) else (connect, admitted)

    async def _look_again(self, connection: Connection) -> None:
        """Hang up on a device whose token went after it was let in and before it could be found to be hung up on."""
        if not await self._gate.is_still_in(connection.admitted):
            connection.close(*DEVICE_REMOVED)

    async def _converse(self, inbox: Inbox, connection: Connection, peer: Peer) -> None:
        caller, presence = connection.caller, self._gateway.presence
        presence.enter(
            caller.conn_id,
            caller.client,
            ip=None if caller.is_local else peer.client,
            scopes=caller.scopes,
            device_id=caller.device_id,
        )
        try:
            while connection.outbox.closing is None:
                connection.take(await inbox.next())
        except WebSocketDisconnect:
            log.debug("client at %s is gone", peer.client)
        finally:
            presence.leave(caller.conn_id)
            await connection.end()


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    """A positive number of the environment; what is none does not count."""
    text = environ.get(name, "").strip()
    return float(text) if text.isdecimal() and int(text) > 0 else default
