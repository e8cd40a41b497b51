"""The official OpenAI SDK against a real gateway: models, answers whole and streamed, tools, sessions, refusals."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
import pytest_asyncio
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.integration.conftest import HTTP_ON, Station
from tests.support.gateway import GatewayFactory

WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def user(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


@pytest_asyncio.fixture
async def sdk(station: Station) -> AsyncIterator[openai.AsyncOpenAI]:
    async with client_of(station) as found:
        yield found


def client_of(station: Station, **options: Any) -> openai.AsyncOpenAI:
    settings: dict[str, Any] = {
        "base_url": f"{station.gateway.url}/v1",
        "api_key": station.gateway.token,
        "max_retries": 0,
    }
    return openai.AsyncOpenAI(**(settings | options))


async def test_agents_are_listed_and_found_as_models(sdk: openai.AsyncOpenAI) -> None:
    listed = [model.id async for model in await sdk.models.list()]
    assert listed[:3] == ["openclaw", "openclaw/default", "openclaw/main"]
    assert "openclaw/fast" in listed
    assert (await sdk.models.retrieve("openclaw/default")).id == "openclaw/default"  # sent as openclaw%2Fdefault
    with pytest.raises(openai.NotFoundError) as caught:
        await sdk.models.retrieve("openclaw/zzz")
    assert "Model 'openclaw/zzz' not found." in caught.value.message


async def test_a_whole_answer(sdk: openai.AsyncOpenAI, station: Station) -> None:
    text = f"hello {uuid.uuid4()}"
    answer = await sdk.chat.completions.create(model="openclaw/fake-1", messages=user(text), temperature=0.2, seed=7)
    assert answer.choices[0].message.content == f"You said: {text}"
    assert (answer.choices[0].finish_reason, answer.model) == ("stop", "openclaw/fake-1")
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
    (sent,) = [row["body"] for row in station.fake.requests() if text in str(row["body"]["messages"])]
    assert (sent["temperature"], sent["seed"], sent["stream"]) == (0.2, 7, True)


async def test_a_streamed_answer_with_its_usage_last(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.chat.completions.create(
        model="openclaw/slow", messages=user("one two three"), stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert "".join(pieces) == "You said: one two three"
    assert len(pieces) > 2
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens > 0


async def test_the_sdks_own_stream_reader_puts_the_answer_together(sdk: openai.AsyncOpenAI) -> None:
    async with sdk.chat.completions.stream(model="openclaw/unicode", messages=user("x")) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].message.content == "Grüße, 世界 👋🏽 – здравствуй, नमस्ते 🧑‍🚀"


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_tool_of_the_client_goes_there_and_back(
    sdk: openai.AsyncOpenAI, station: Station, streamed: bool
) -> None:
    arguments = json.dumps({"city": "Zürich"})
    station.fake.script({"tool": "weather", "arguments": arguments, "text": ""}, {"text": "It rains in Zürich."})
    asked = user("What is the weather in Zürich?")
    if streamed:
        async with sdk.chat.completions.stream(model="openclaw/fake-1", messages=asked, tools=[WEATHER]) as stream:
            first: Any = await stream.get_final_completion()
    else:
        first = await sdk.chat.completions.create(model="openclaw/fake-1", messages=asked, tools=[WEATHER])
    choice = first.choices[0]
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls
    assert (call.function.name, call.function.arguments) == ("weather", arguments)
    assert call.id.startswith("call_")
    said: ChatCompletionMessageParam = {
        "role": "assistant",
        "content": choice.message.content,
        "tool_calls": [
            {"id": call.id, "type": "function", "function": {"name": "weather", "arguments": call.function.arguments}}
        ],
    }
    result: ChatCompletionMessageParam = {"role": "tool", "tool_call_id": call.id, "content": "rain, 9 °C"}
    second = await sdk.chat.completions.create(
        model="openclaw/fake-1", messages=[*asked, said, result], tools=[WEATHER]
    )
    assert second.choices[0].message.content == "It rains in Zürich."
    sent = station.fake.requests()[-1]["body"]
    assert [message["role"] for message in sent["messages"]] == ["system", "user", "assistant", "tool"]
    assert sent["messages"][-1]["content"] == "rain, 9 °C"
    assert "weather" in [tool["function"]["name"] for tool in sent["tools"]]


async def test_a_user_has_one_conversation_and_nobody_has_none(sdk: openai.AsyncOpenAI, station: Station) -> None:
    name = f"ann-{uuid.uuid4()}"
    for text in ("remember 41", "what did I say?"):
        await sdk.chat.completions.create(model="openclaw/fake-1", messages=user(text), user=name)
    heard = [message["content"] for message in station.fake.requests()[-1]["body"]["messages"][1:]]
    assert heard == ["remember 41", "You said: remember 41", "what did I say?"]
    await sdk.chat.completions.create(model="openclaw/fake-1", messages=user("and now?"))
    assert [message["content"] for message in station.fake.requests()[-1]["body"]["messages"][1:]] == ["and now?"]
    async with station.connect() as client:
        page = await client.call("chat.history", sessionKey=f"agent:fake-1:openai-user:{name}")
        keys = [row["key"] for row in (await client.call("sessions.list", limit=500))["sessions"]]
    assert [row["role"] for row in page["messages"]] == ["user", "assistant"] * 2
    assert f"agent:fake-1:openai-user:{name}" in keys
    assert not [key for key in keys if ":openai:" in key]


async def test_a_header_chooses_the_session_and_its_agent(sdk: openai.AsyncOpenAI, station: Station) -> None:
    key = f"agent:fast:notes-{uuid.uuid4()}"
    answer = await sdk.chat.completions.create(
        model="openclaw/main", messages=user("hi"), extra_headers={"x-openclaw-session-key": key}
    )
    assert answer.choices[0].message.content == "A fast answer."
    async with station.connect() as client:
        assert (await client.call("chat.history", sessionKey=key))["totalMessages"] == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"messages": []}, "Missing user message in `messages`."),
        ({"temperature": 3}, "`temperature` must be between 0 and 2."),
        ({"stop": list("abcde")}, "stop supports at most 4 sequences"),
        ({"model": "gpt-4o"}, "Invalid `model`. Use `openclaw` or `openclaw/<agentId>`."),
        ({"model": "openclaw/zzz"}, "zzz"),
        ({"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "nope"}}},
         "tool_choice requested unknown tool: nope"),
        ({"extra_headers": {"x-openclaw-model": "nope/none"}}, "nope"),
        ({"extra_headers": {"x-openclaw-session-key": "subagent:x"}}, "reserved internal session namespaces"),
    ],
)  # fmt: skip
async def test_a_wrong_request_is_a_400_that_names_the_field(
    sdk: openai.AsyncOpenAI, change: dict[str, Any], message: str
) -> None:
    asked: dict[str, Any] = {"model": "openclaw", "messages": user("hi")}
    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.chat.completions.create(**(asked | change))
    assert message in caught.value.message
    assert caught.value.type == "invalid_request_error"


async def test_a_wrong_key_is_a_401(station: Station) -> None:
    async with client_of(station, api_key="wrong") as stranger:
        with pytest.raises(openai.AuthenticationError, match="Unauthorized"):
            await stranger.models.list()
        with pytest.raises(openai.AuthenticationError, match="Unauthorized"):
            await stranger.chat.completions.create(model="openclaw", messages=user("hi"))


async def test_endpoints_that_are_off_say_so_in_json(gateway: GatewayFactory) -> None:
    running = gateway({"gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": False}}}}})
    async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key=running.token, max_retries=0) as client:
        with pytest.raises(openai.NotFoundError) as caught:
            await client.chat.completions.create(model="openclaw", messages=user("hi"))
        with pytest.raises(openai.NotFoundError):
            await client.models.list()
    assert caught.value.code == "endpoint_disabled"
    assert "gateway.http.endpoints.chatCompletions.enabled" in caught.value.message


async def test_twenty_clients_at_once_get_each_their_own_answer(gateway: GatewayFactory) -> None:
    import asyncio

    running = gateway(HTTP_ON, env={"CLAWFLEET_DEMO_WORD_DELAY_MS": "1"})
    async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key=running.token, max_retries=0) as client:

        async def ask(number: int) -> str:
            stream = await client.chat.completions.create(
                model="openclaw", messages=user(f"number {number}"), stream=True, user=f"u{number % 10}"
            )
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        answers = await asyncio.gather(*map(ask, range(20)))
    for number, answer in enumerate(answers):
        assert answer.endswith(f"You said: number {number}")


async def test_texts_become_vectors(gateway: GatewayFactory, station: Station) -> None:
    """The SDK asks for packed floats by itself, and unpacks them."""
    remote = {"baseUrl": station.fake.base_url, "apiKey": station.fake.key}
    search = {"provider": "openai-compatible", "model": "embed-1", "remote": remote}
    running = gateway({**HTTP_ON, "memory": {"search": search}})
    async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key=running.token, max_retries=0) as sdk:
        found = await sdk.embeddings.create(model="openclaw", input=["one", "and two"])
    assert [row.embedding[:2] for row in found.data] == [[3.0, 1.0], [7.0, 2.0]]
    assert found.usage.prompt_tokens == 2
