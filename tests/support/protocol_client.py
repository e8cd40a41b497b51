"""A client of the gateway protocol for tests: sends what it is told, keeps every frame that came in its order.

It knows nothing of the gateway's own code, so that it can judge it. Source: protocol §2–3, §11. Every frame that comes
is held against the published schema of the protocol, once the contract tests have fetched it: see `published`.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.device import DeviceKey
from tests.support.published import judge_at_hand

LIMIT_S = 30.0
EVERYTHING = ("operator.admin",)
CLI = {"id": "cli", "version": "2026.9.6", "platform": "linux", "mode": "cli"}
Frame = dict[str, Any]


class ProtocolClient:
    """One socket. `frames` holds all that came, oldest first; make one with `open_socket` or `connected`."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Frame] = []
        self.end: tuple[int, str] | None = None
        self.violations: list[str] = []
        self._news = asyncio.Condition()
        self._count = 0
        self._asked: dict[str, str] = {}
        self.reading = asyncio.ensure_future(self._read())

    @property
    def nonce(self) -> str:
        """What this socket was challenged with."""
        return str(self.frames[0]["payload"]["nonce"])

    @property
    def events(self) -> list[Frame]:
        """The broadcast events so far (the challenge is none)."""
        return [f for f in self.frames if f.get("type") == "event" and f.get("event") != "connect.challenge"]

    def of(self, *names: str) -> list[Frame]:
        """The events of these names so far."""
        return [frame for frame in self.events if frame["event"] in names]

    def of_run(self, run_id: str, *names: str) -> list[Any]:
        """The payloads of one run's events of these names so far."""
        return [frame["payload"] for frame in self.of(*names) if frame["payload"].get("runId") == run_id]

    async def send(self, frame: Mapping[str, Any] | str | bytes) -> None:
        """Send an object as JSON, or text and bytes as they are."""
        if isinstance(frame, Mapping) and isinstance(frame.get("id"), str) and isinstance(frame.get("method"), str):
            self._asked[frame["id"]] = frame["method"]
        await self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def wait(self, claim: Callable[[Frame], object], *, since: int = 0, limit_s: float = LIMIT_S) -> Frame:
        """The first frame, come or coming, of which `claim` holds. Raises AssertionError when none comes in time.

        `since` leaves out that many of the first frames.
        """
        looked = since
        try:
            async with asyncio.timeout(limit_s), self._news:
                while True:
                    for frame in self.frames[looked:]:
                        if claim(frame):
                            return frame
                    looked = len(self.frames)
                    assert self.end is None, f"closed with {self.end} before it came; there were: {self._brief()}"
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"nothing such came within {limit_s} s; there were: {self._brief()}") from None

    async def closed(self, *, limit_s: float = LIMIT_S) -> tuple[int, str]:
        """How the socket was closed, after waiting for it: (code, reason)."""
        await asyncio.wait_for(asyncio.shield(self.reading), limit_s)
        assert self.end is not None
        return self.end

    async def request(self, method: str, params: Any = None, *, request_id: str | None = None) -> Frame:
        """The first response frame to a request."""
        self._count += 1
        name, since = request_id or f"{self._count}:{uuid.uuid4()}", len(self.frames)
        await self.send({"type": "req", "id": name, "method": method, "params": params})
        return await self.wait(lambda frame: frame.get("type") == "res" and frame["id"] == name, since=since)

    async def call(self, method: str, **params: Any) -> Any:
        """The payload of a request. Raises AssertionError with the error when it is refused."""
        frame = await self.request(method, params)
        assert frame["ok"], frame["error"]
        return frame["payload"]

    async def connect(self, token: str | None, *, key: DeviceKey | None = None, **over: Any) -> Frame:
        """The response to `connect` as the command line sends it, with every scope; `over` replaces parameters.

        With `key`, its device proves itself.
        """
        params: dict[str, Any] = {"minProtocol": 4, "maxProtocol": 4, "client": CLI, "scopes": list(EVERYTHING)}
        if token is not None:
            params["auth"] = {"token": token}
        params |= over
        if key is not None:
            params["device"] = key.sign(params, self.nonce)
        return await self.request("connect", params)

    async def send_chat(self, message: str, *, key: str = "main", run: str | None = None) -> str:
        """Send a message; the id of its run once it is acknowledged."""
        run_id = run or str(uuid.uuid4())
        await self.call("chat.send", sessionKey=key, message=message, idempotencyKey=run_id)
        return run_id

    async def ended(self, run_id: str, *, since: int = 0, limit_s: float = LIMIT_S) -> Frame:
        """The `chat` payload that ends a run: state final, aborted or error."""
        ends = ("final", "aborted", "error")
        frame = await self.wait(
            lambda f: f.get("event") == "chat" and f["payload"]["runId"] == run_id and f["payload"]["state"] in ends,
            since=since,
            limit_s=limit_s,
        )
        payload: Frame = frame["payload"]
        return payload

    async def _read(self) -> None:
        try:
            async for data in self.socket:
                frame = json.loads(data)
                self._judge(frame)
                async with self._news:
                    self.frames.append(frame)
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        finally:
            self.end = (self.socket.close_code or 1006, self.socket.close_reason or "")
            async with self._news:
                self._news.notify_all()

    def _judge(self, frame: Frame) -> None:
        if (judge := judge_at_hand()) is not None:
            method = self._asked.get(frame.get("id", ""))
            told = judge.of_frame(frame, method)
            self.violations += [f"{frame.get('event') or method}: {text}" for text in told]

    def _brief(self) -> str:
        return "; ".join(json.dumps(frame)[:160] for frame in self.frames[-12:])


@asynccontextmanager
async def open_socket(
    url: str, *, origin: str | None = None, headers: Mapping[str, str] | None = None, at: int | None = None
) -> AsyncIterator[ProtocolClient]:
    """A socket that has its challenge and has not shown who it is; `at` is a port here that stands for the URL's."""
    here = {} if at is None else {"host": "127.0.0.1", "port": at}
    async with connect(
        url, compression=None, max_size=None, ping_interval=None, proxy=None, open_timeout=LIMIT_S,
        origin=origin, additional_headers=headers, **here,  # type: ignore[arg-type]
    ) as socket:  # fmt: skip
        client = ProtocolClient(socket)
        await client.wait(lambda frame: frame.get("event") == "connect.challenge")
        yield client
    await asyncio.wait({client.reading}, timeout=LIMIT_S)
    assert not client.violations, "not what the published schema says: " + "; ".join(sorted(set(client.violations)))


@asynccontextmanager
async def connected(url: str, token: str | None, **over: Any) -> AsyncIterator[ProtocolClient]:
    """A socket that is let in; `over` replaces parameters of `connect`, `key` shows a device."""
    async with open_socket(url) as client:
        frame = await client.connect(token, **over)
        assert frame["ok"], frame
        yield client
