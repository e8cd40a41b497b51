"""`POST /v1/chat/completions`: whole and streamed, with sessions, tools and failures."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from clawfleet.core.messages import Message, ToolCall, Usage
from clawfleet.models.providers import failures
from clawfleet.models.providers.base import Finished, TextDelta, ToolCalled
from clawfleet.models.providers.classify import Verdict
from clawfleet.models.providers.failures import Site
from clawfleet.server import http_body, http_chat
from tests.unit.agents.fakes import Step, call, say
from tests.unit.rpc.house import TOKEN, ScriptedModels, until
from tests.unit.server.served import Served, serve

CHAT = "/v1/chat/completions"
CONFIG = {
    "gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}},
    "agents": {"entries": {"main": {}, "ops": {}}},
    "models": {
        "providers": {
            "fake": {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "k", "models": [{"id": "one"}, {"id": "two"}]}
        }
    },
}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
SITE = Site("fake", "one", "http://127.0.0.1:9/v1")


def asks(text: str = "hi", **more: Any) -> dict[str, Any]:
    return {"model": "openclaw", "messages": [{"role": "user", "content": text}], **more}


@asynccontextmanager
async def scripted(home: Path, *steps: Step) -> AsyncIterator[tuple[Served, httpx.AsyncClient]]:
    async with serve(home, CONFIG, steps=list(steps)) as served, served.http(timeout=10) as http:
        yield served, http


def seen(served: Served) -> list[tuple[Message, ...]]:
    """What the model was sent, one entry per call."""
    models = served.house.gateway.models
    assert isinstance(models, ScriptedModels)
    return models.script.seen


def events(reply: httpx.Response) -> list[Any]:
    """The data of a streamed reply; its end as the word `[DONE]`."""
    lines = [line for line in reply.text.split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines), lines
    return [line[6:] if line == "data: [DONE]" else json.loads(line[6:]) for line in lines]


async def test_a_whole_answer_has_the_shape_that_clients_know(tmp_path: Path) -> None:
    async with scripted(tmp_path, say("hello you")) as (_, http):
        reply = await http.post(CHAT, json=asks(model="OpenClaw/Main"))
    body = reply.json()
    assert (reply.status_code, body["object"], body["model"]) == (200, "chat.completion", "OpenClaw/Main")
    assert body["id"].startswith("chatcmpl_")
    assert body["created"] > 1_700_000_000
    assert body["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": "hello you"}, "finish_reason": "stop"}
    ]
    assert body["usage"] == {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}


async def test_a_streamed_answer_comes_in_the_order_that_clients_know(tmp_path: Path) -> None:
    async with scripted(tmp_path, say("hello you")) as (_, http):
        reply = await http.post(CHAT, json=asks(stream=True, stream_options={"include_usage": True}))
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (reply.headers["cache-control"], reply.headers["x-accel-buffering"]) == ("no-cache", "no")
    *chunks, last = events(reply)
    assert last == "[DONE]"
    assert len({(chunk["id"], chunk["created"], chunk["model"], chunk["object"]) for chunk in chunks}) == 1
    deltas = [chunk["choices"][0] for chunk in chunks[:-1]]
    assert [choice["delta"] for choice in deltas] == [
        {"role": "assistant"},
        {"content": "hello"},
        {"content": " you"},
        {},
    ]
    assert [choice["finish_reason"] for choice in deltas] == [None, None, None, "stop"]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}


async def test_usage_is_streamed_only_on_request(tmp_path: Path) -> None:
    async with scripted(tmp_path, say("x")) as (_, http):
        reply = await http.post(CHAT, json=asks(stream=True))
    assert not any("usage" in chunk for chunk in events(reply)[:-1])


async def test_the_first_chunk_comes_before_the_model_speaks(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with (
        scripted(tmp_path, [gate, *say("late")]) as (_, http),
        http.stream("POST", CHAT, json=asks(stream=True)) as reply,
    ):
        lines = reply.aiter_lines()
        first = json.loads((await anext(lines)).removeprefix("data: "))
        assert first["choices"][0]["delta"] == {"role": "assistant"}
        gate.set()
        assert "late" in "".join([line async for line in lines])


async def test_silence_is_filled_with_comments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_chat, "PING_S", 0.01)
    gate = asyncio.Event()
    async with (
        scripted(tmp_path, [gate, *say("late")]) as (_, http),
        http.stream("POST", CHAT, json=asks(stream=True)) as reply,
    ):
        lines = reply.aiter_lines()
        async for line in lines:
            if line == ": ping":
                break
        gate.set()
        assert "late" in "".join([line async for line in lines])


async def test_text_before_and_after_a_tool_call_is_kept_apart_in_both_forms(tmp_path: Path) -> None:
    steps = [call("exec", '{"command": "true"}', before="Let me see."), say("Done.")]
    async with scripted(tmp_path, *steps, *steps) as (_, http):
        whole = await http.post(CHAT, json=asks())
        streamed = await http.post(CHAT, json=asks(stream=True))
    assert whole.json()["choices"][0]["message"]["content"] == "Let me see.\n\nDone."
    pieces = [chunk["choices"][0]["delta"].get("content", "") for chunk in events(streamed)[:-1]]
    assert "".join(pieces) == "Let me see.\n\nDone."
    assert whole.json()["usage"]["prompt_tokens"] == 20


async def test_a_client_side_tool_is_called_with_the_providers_id_and_its_answer_taken(tmp_path: Path) -> None:
    arguments = json.dumps({"city": "x" * 600})
    first, second = (ToolCalled(ToolCall(name, "weather", arguments)) for name in ("call_abc", "call_def"))
    steps: list[Step] = [
        [TextDelta("One moment."), first, Finished("toolUse", Usage())],
        [second, Finished("toolUse", Usage())],
        say("It rains."),
    ]
    async with scripted(tmp_path, *steps) as (served, http):
        whole = (await http.post(CHAT, json=asks(tools=[WEATHER]))).json()["choices"][0]
        streamed = events(await http.post(CHAT, json=asks(tools=[WEATHER], stream=True)))
        messages = [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "weather?"},
            whole["message"],
            {"role": "tool", "tool_call_id": "call_abc", "content": ""},
        ]
        answer = (await http.post(CHAT, json={"messages": messages, "tools": [WEATHER]})).json()["choices"][0]
        sent = seen(served)[-1]
    assert whole["finish_reason"] == "tool_calls"
    assert whole["message"]["content"] == "One moment."
    assert whole["message"]["tool_calls"] == [
        {"id": "call_abc", "type": "function", "function": {"name": "weather", "arguments": arguments}}
    ]
    calls = [chunk["choices"][0]["delta"]["tool_calls"][0] for chunk in streamed[1:-2]]
    assert calls[0] == {
        "id": "call_def",
        "index": 0,
        "type": "function",
        "function": {"name": "weather", "arguments": ""},
    }
    assert "".join(piece["function"]["arguments"] for piece in calls) == arguments
    assert max(len(piece["function"]["arguments"]) for piece in calls) <= 256
    assert streamed[-2]["choices"][0]["finish_reason"] == "tool_calls"
    assert (answer["message"]["content"], answer["finish_reason"]) == ("It rains.", "stop")
    assert [message.role for message in sent] == ["system", "user", "assistant", "tool"]
    assert sent[2].tool_calls[0].id == "call_abc"
    assert "Be brief." in sent[0].text


async def test_one_request_is_one_conversation_unless_a_user_or_a_key_is_named(tmp_path: Path) -> None:
    async with scripted(tmp_path, *[say(f"a{number}") for number in range(6)]) as (served, http):
        for text in ("one", "two"):
            await http.post(CHAT, json=asks(text))
        assert [message.text for message in seen(served)[1][1:]] == ["two"]
        for text in ("three", "four"):
            await http.post(CHAT, json=asks(text, user="ann"))
        assert [message.text for message in seen(served)[3][1:]] == ["three", "a2", "four"]
        for text in ("five", "six"):
            await http.post(CHAT, json=asks(text), headers={"x-openclaw-session-key": "notes"})
        assert [message.text for message in seen(served)[5][1:]] == ["five", "a4", "six"]
        listed = await served.house.call("sessions.list")
    assert {row["key"] for row in listed["sessions"]} == {"agent:main:openai-user:ann", "agent:main:notes"}


async def test_headers_choose_agent_model_and_session(tmp_path: Path) -> None:
    async with scripted(tmp_path, say("a"), say("b"), say("c")) as (served, http):
        wants = {"x-openclaw-agent-id": "ops", "x-openclaw-model": "fake/two"}
        await http.post(CHAT, json=asks(model="openclaw/main", user="ann"), headers=wants)
        await http.post(CHAT, json=asks(), headers={"x-openclaw-session-key": "agent:ops:foo"})
        await http.post(CHAT, json=asks(model="openclaw/ops", user="bob"))
        rows = {row["key"]: row["model"] for row in (await served.house.call("sessions.list"))["sessions"]}
    assert rows == {"agent:ops:openai-user:ann": "two", "agent:ops:foo": "one", "agent:ops:openai-user:bob": "one"}


@pytest.mark.parametrize(
    ("change", "headers", "message"),
    [
        ({"messages": []}, {}, "Missing user message in `messages`."),
        ({"messages": [{"role": "system", "content": "x"}]}, {}, "Missing user message in `messages`."),
        ({"messages": "x"}, {}, "messages: Invalid input"),
        ({"temperature": 3}, {}, "`temperature` must be between 0 and 2."),
        ({"top_p": -1}, {}, "`top_p` must be between 0 and 1."),
        ({"presence_penalty": 9}, {}, "`presence_penalty` must be between -2 and 2."),
        ({"max_tokens": 0}, {}, "`max_tokens` is too small."),
        ({"stop": ["a", "b", "c", "d", "e"]}, {}, "Invalid stop: stop supports at most 4 sequences"),
        ({"response_format": {"type": "xml"}}, {}, "Invalid response_format"),
        ({"tools": [{"type": "web_search"}]}, {}, "Invalid tools/tool_choice"),
        ({"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "zzz"}}}, {},
         "Invalid tools/tool_choice: tool_choice requested unknown tool: zzz"),
        ({"user": 7}, {}, "user: Invalid input"),
        ({"model": "gpt-4o"}, {}, "Invalid `model`. Use `openclaw` or `openclaw/<agentId>`."),
        ({"model": "openclaw/zzz"}, {}, 'unknown agent id "zzz"'),
        ({}, {"x-openclaw-agent": "zzz"}, 'unknown agent id "zzz"'),
        ({}, {"x-openclaw-model": "nope/none"}, "nope"),
        ({}, {"x-openclaw-session-key": "agent:main:cron:x"}, "cannot use reserved internal session namespaces."),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/y.png"}}]}]},
         {}, "Invalid image_url content in `messages`."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stream", [False, True])
async def test_a_wrong_request_is_refused_before_anything_is_sent(
    tmp_path: Path, change: dict[str, Any], headers: dict[str, str], message: str, stream: bool
) -> None:
    async with scripted(tmp_path) as (_, http):
        reply = await http.post(CHAT, json=asks(stream=stream, **change) if "messages" not in change
                                else {**asks(stream=stream), **change}, headers=headers)  # fmt: skip
    if "x-openclaw-model" in headers and stream:
        assert message in events(reply)[-2]["error"]["message"]
        return
    assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error"), reply.text
    assert message in reply.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"', b"[" * 100_000])
async def test_a_body_that_is_no_object_is_refused(tmp_path: Path, body: bytes) -> None:
    async with scripted(tmp_path) as (_, http):
        reply = await http.post(CHAT, content=body)
    assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error")


async def test_a_body_over_the_limit_is_refused_as_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_chat, "MAX_BODY", 1000)
    async with scripted(tmp_path) as (_, http):
        reply = await http.post(CHAT, json=asks("x" * 2000))
    assert reply.status_code == 413
    assert reply.json() == {"error": {"message": "Payload too large", "type": "invalid_request_error"}}


async def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_body, "BODY_S", 0.05)

    async with scripted(tmp_path) as (served, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(raw_request(asks("hello"))[:-5])
        reply = await asyncio.wait_for(read_until(reader, b"}}"), 30)
        writer.close()
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b'{"error":{"message":"Request body timeout","type":"invalid_request_error"}}' in reply


async def test_fields_that_mean_nothing_here_do_no_harm(tmp_path: Path) -> None:
    extra: dict[str, Any] = {
        **{"n": 1, "logprobs": False, "metadata": {"a": 1}, "service_tier": "auto", "functions": []},
        **{"tools": None, "tool_choice": None, "stop": None, "temperature": None, "parallel_tool_calls": True},
    }
    async with scripted(tmp_path, say("fine")) as (_, http):
        reply = await http.post(f"{CHAT}/", content=json.dumps(asks(**extra)), headers={"Content-Type": "text/plain"})
    assert (reply.status_code, reply.json()["choices"][0]["message"]["content"]) == (200, "fine")


async def test_a_providers_failure_keeps_its_status_and_says_when_to_come_back(tmp_path: Path) -> None:
    limited = failures.failure_of(Verdict("rate_limit", 429, 7.0, "slow down"), SITE)
    async with scripted(tmp_path, [limited], [limited], [TextDelta("half"), limited]) as (_, http):
        whole = await http.post(CHAT, json=asks())
        streamed = await http.post(CHAT, json=asks(stream=True))
        midway = await http.post(CHAT, json=asks(stream=True))
    assert (whole.status_code, whole.headers["retry-after"]) == (429, "7")
    assert whole.json()["error"]["type"] == "rate_limit_error"
    assert "slow down" in whole.json()["error"]["message"]
    for reply in (streamed, midway):
        *_, error, done = events(reply)
        assert (reply.status_code, error["error"]["type"], done) == (200, "rate_limit_error", "[DONE]")
    assert events(midway)[1]["choices"][0]["delta"] == {"content": "half"}


async def test_an_answer_cut_by_its_limit_says_length_and_an_empty_one_is_an_answer(tmp_path: Path) -> None:
    steps: list[Step] = [[TextDelta("cut"), Finished("length", Usage())], [Finished("stop", Usage())]]
    async with scripted(tmp_path, *steps) as (_, http):
        cut = (await http.post(CHAT, json=asks())).json()["choices"][0]
        empty = (await http.post(CHAT, json=asks())).json()["choices"][0]
    assert (cut["finish_reason"], cut["message"]["content"]) == ("length", "cut")
    assert (empty["finish_reason"], empty["message"]["content"]) == ("stop", "")


def raw_request(body: dict[str, Any]) -> bytes:
    data = json.dumps(body).encode()
    head = f"POST {CHAT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


async def read_until(reader: asyncio.StreamReader, end: bytes) -> bytes:
    data = b""
    while end not in data[-100:]:
        data += await reader.read(1_000_000)
    return data


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_stops_its_run(tmp_path: Path, stream: bool) -> None:
    async with scripted(tmp_path, [TextDelta("half"), asyncio.Event()]) as (served, http):
        runs = served.house.gateway.runs
        asking = asyncio.ensure_future(http.post(CHAT, json=asks(stream=stream, user="ann")))
        await until(lambda: any(run.text for run in runs.live()))
        (run,) = runs.live()
        asking.cancel()
        await asyncio.wait({asking})
        assert (await asyncio.wait_for(run.outcome(), 30)).aborted == "disconnect"
        page = await served.house.call("chat.history", sessionKey="openai-user:ann")
        assert page["messages"][-1]["content"][0]["text"] == "half"
        assert len(runs.events._listeners) == LISTENERS


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_left_before_its_answer_began_stops_its_run_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    """Its stream is never read; nobody must go on listening for it."""
    async with scripted(tmp_path, [asyncio.Event()]) as (served, _):
        runs, accept = served.house.gateway.runs, served.house.gateway.runs.accept
        kept, left = asyncio.Event(), asyncio.Event()

        async def slow_accept(*args: Any) -> Any:
            accepted = await accept(*args)
            kept.set()
            await left.wait()
            return accepted

        monkeypatch.setattr(runs, "accept", slow_accept)
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(raw_request(asks(stream=stream)))
        await asyncio.wait_for(kept.wait(), 30)
        (run,) = runs.live()
        writer.transport.abort()
        await until(lambda: not served.connections())
        left.set()
        assert (await asyncio.wait_for(run.outcome(), 30)).aborted == "disconnect"
        await until(lambda: len(runs.events._listeners) == LISTENERS)


async def test_a_reader_that_is_too_slow_is_not_left_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its run is stopped at the bound; what was kept for it comes when it reads again, then the end."""
    monkeypatch.setattr(http_chat, "MAX_UNREAD", 3)
    monkeypatch.setattr(http_chat, "PING_S", 0.05)
    gate, flood = asyncio.Event(), [TextDelta("more " + "y" * 1_000_000)] * 20
    words: Step = [TextDelta("x" * 16_000_000), TextDelta("z" * 1_000_000), gate, *flood, asyncio.Event()]
    async with scripted(tmp_path, words) as (served, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1000)
        writer.write(raw_request(asks(stream=True)))
        await until(lambda: any(c.flow.write_paused for c in served.server.server_state.connections))  # type: ignore[union-attr]
        for _ in range(20):  # the writer takes its next piece and waits with it
            await asyncio.sleep(0)
        (run,) = served.house.gateway.runs.live()
        gate.set()
        assert (await asyncio.wait_for(run.outcome(), 30)).aborted == "slow consumer"
        rest = await asyncio.wait_for(read_until(reader, b"[DONE]"), 30)
        writer.close()
    assert rest.count(b"more ") == 3


async def test_a_gateway_that_drains_says_when_to_come_back(tmp_path: Path) -> None:
    async with scripted(tmp_path) as (served, http):
        await served.house.gateway.runs.drain(0)
        reply = await http.post(CHAT, json=asks())
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
    assert reply.json()["error"]["code"] == "gateway_unavailable"


async def test_a_bug_is_told_without_its_inside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL):
        async with scripted(tmp_path, [ValueError("inner workings")]) as (_, http):
            reply = await http.post(CHAT, json=asks())
    assert (reply.status_code, reply.json()["error"]["code"]) == (500, "INTERNAL")
    assert "inner workings" not in reply.text


LISTENERS = 3
"""The house's own and the pulse's."""
