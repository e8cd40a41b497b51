"""`POST /v1/chat/completions`, plain and streamed, through the one lane of all messages. Source: http-and-web §6."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from clawfleet.agents.events import RunEvent, TextGrew
from clawfleet.agents.failures import Draining
from clawfleet.agents.run import Outcome, Run, TurnInput
from clawfleet.core.errors import GatewayError
from clawfleet.core.ids import new_id
from clawfleet.core.messages import ToolCall, Usage
from clawfleet.core.requester import WEBCHAT, Requester
from clawfleet.core.tasks import Tasks
from clawfleet.protocol.frames import dumps
from clawfleet.rpc.call import Gateway
from clawfleet.server.chat_request import ChatRequest, read_chat_request, session_of
from clawfleet.server.http_auth import peer_of, require_bearer
from clawfleet.server.http_body import read_body
from clawfleet.server.http_errors import refusal_of
from clawfleet.server.http_models import endpoint_disabled

MAX_BODY = 20 * 1024 * 1024
PING_S = 15.0
MAX_UNREAD = 20_000
"""Deltas that may wait for a slow reader before its run is stopped."""

ARGUMENT_PIECE = 256
STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
FINISH = {"stop": "stop", "length": "length", "toolUse": "tool_calls"}


def chat(gateway: Gateway) -> APIRouter:
    """The chat completions endpoint."""
    router = APIRouter()

    @router.post("/v1/chat/completions")
    @router.post("/v1/chat/completions/", include_in_schema=False)
    async def complete(request: Request) -> Response:
        """One turn of an agent."""
        peer = peer_of(request, gateway)
        if not gateway.snapshot.config.gateway.http.endpoints.chat_completions.enabled:
            raise endpoint_disabled()
        await require_bearer(peer, gateway)
        try:
            asked = read_chat_request(await read_body(request, MAX_BODY))
            turn = _turn(gateway, request, asked)
            answer = _Answer(gateway, asked, turn)
            run = await answer.start()
        except GatewayError as error:
            raise refusal_of(error) from error
        if asked.stream:
            return StreamingResponse(answer.stream(run), media_type="text/event-stream", headers=STREAM_HEADERS)
        return await answer.whole(run, request)

    return router


def _turn(gateway: Gateway, request: Request, asked: ChatRequest) -> TurnInput:
    headers, roster = request.headers, gateway.roster
    wanted_agent = headers.get("x-openclaw-agent-id") or headers.get("x-openclaw-agent") or asked.agent_id
    run_id = new_id()
    name, one_shot = session_of(asked, headers.get("x-openclaw-session-key"), run_id)
    key, agent_id = roster.locate(name, roster.get(wanted_agent).id)
    has_tool_results = asked.messages[-1].role != "user"
    return TurnInput(
        session_key=key,
        agent_id=agent_id,
        text=asked.asked.text,
        images=asked.asked.images,
        run_id=run_id,
        idempotency_key=run_id,
        model=headers.get("x-openclaw-model"),
        context=asked.messages if one_shot or has_tool_results else None,
        extra_system=asked.system,
        sampling=asked.sampling,
        client_tools=asked.tools,
        requester=Requester(WEBCHAT, chat_type="direct"),
        ephemeral=one_shot,
    )


class _Answer:
    """The answer to one request, whole or in chunks."""

    def __init__(self, gateway: Gateway, asked: ChatRequest, turn: TurnInput) -> None:
        self._runs = gateway.runs
        self._asked = asked
        self._turn = turn
        self._id = f"chatcmpl_{turn.run_id}"
        self._created = int(time.time())
        self._deltas: asyncio.Queue[str | None] = asyncio.Queue(MAX_UNREAD + 1)  # one place is kept for the end
        self._item = ""
        self._stop_listening: Callable[[], None] = _nothing

    async def start(self) -> Run:
        """Accept the message; from then on deltas are collected when they are streamed."""
        if self._asked.stream:
            self._stop_listening = self._runs.events.listen(self._hear)
        try:
            accepted = await self._runs.accept(self._turn)
        except BaseException:
            self._stop_listening()
            raise
        assert accepted.run is not None  # the run's id is fresh
        return accepted.run

    def _hear(self, event: RunEvent) -> None:
        if event.run_id != self._turn.run_id or not isinstance(event.body, TextGrew):
            return
        parting = "\n\n" if self._item and self._item != event.body.item_id else ""
        self._item = event.body.item_id
        if self._deltas.qsize() >= MAX_UNREAD:
            self._runs.abort(session_key=event.session_key, run_id=event.run_id, reason="slow consumer")
        else:
            self._deltas.put_nowait(parting + event.body.delta)

    def _end_deltas(self, _: object) -> None:
        self._deltas.put_nowait(None)

    async def whole(self, run: Run, request: Request) -> Response:
        """One JSON answer; a client that goes away stops the run."""
        tasks = Tasks()
        try:
            waiting: set[asyncio.Future[Any]] = {run.done, tasks.start(_disconnected(request), name="disconnect")}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await tasks.close()
            if not run.done.done():
                run.abort("disconnect")
        outcome = await run.outcome()
        if (error := _failure(outcome)) is not None:
            raise refusal_of(error)
        message: dict[str, Any] = {"role": "assistant", "content": outcome.visible}
        if outcome.client_calls:
            message["tool_calls"] = [_call(call) for call in outcome.client_calls]
        choice = {"index": 0, "message": message, "finish_reason": FINISH.get(outcome.stop_reason, "stop")}
        return JSONResponse(
            {
                "id": self._id,
                "object": "chat.completion",
                "created": self._created,
                "model": self._asked.model_echo,
                "choices": [choice],
                "usage": _usage(outcome.usage),
            }
        )

    async def stream(self, run: Run) -> AsyncGenerator[str, None]:
        """Server-sent events; a client that goes away stops the run."""
        run.done.add_done_callback(self._end_deltas)
        try:
            yield self._chunk({"role": "assistant"})
            async for piece in self._pieces():
                yield piece
            outcome = await run.outcome()
            if (error := _failure(outcome)) is not None:
                yield f"data: {dumps(refusal_of(error).body)}\n\n"
            else:
                for piece in self._closing(outcome):
                    yield piece
            yield "data: [DONE]\n\n"
        finally:
            self._stop_listening()
            if not run.done.done():
                run.abort("disconnect")

    async def _pieces(self) -> AsyncGenerator[str, None]:
        while True:
            try:
                async with asyncio.timeout(PING_S):
                    delta = await self._deltas.get()
            except TimeoutError:
                yield ": ping\n\n"
                continue
            if delta is None:
                return
            yield self._chunk({"content": delta})

    def _closing(self, outcome: Outcome) -> list[str]:
        pieces: list[str] = []
        for index, call in enumerate(outcome.client_calls):
            head = {**_call(call), "index": index}
            head["function"] = {"name": call.name, "arguments": ""}
            pieces.append(self._chunk({"tool_calls": [head]}))
            for start in range(0, len(call.arguments), ARGUMENT_PIECE):
                piece = {"index": index, "function": {"arguments": call.arguments[start : start + ARGUMENT_PIECE]}}
                pieces.append(self._chunk({"tool_calls": [piece]}))
        pieces.append(self._chunk({}, FINISH.get(outcome.stop_reason, "stop")))
        if self._asked.include_usage:
            pieces.append(self._event({"choices": [], "usage": _usage(outcome.usage)}))
        return pieces

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> str:
        return self._event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    def _event(self, rest: dict[str, Any]) -> str:
        head = {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._asked.model_echo,
        }
        return f"data: {dumps(head | rest)}\n\n"


def _failure(outcome: Outcome) -> GatewayError | None:
    """Why there is no whole answer: what failed, or that the gateway is stopping."""
    return Draining() if outcome.aborted == "shutdown" else outcome.error


def _nothing() -> None:
    """There is no listener yet."""


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _usage(usage: Usage) -> dict[str, int]:
    prompt = usage.input + usage.cache_read
    return {"prompt_tokens": prompt, "completion_tokens": usage.output, "total_tokens": prompt + usage.output}
