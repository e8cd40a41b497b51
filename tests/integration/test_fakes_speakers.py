"""The fakes of the other wire APIs, judged by their vendors' official SDKs: what holds here holds for any client."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import anthropic
import ollama
import openai
import pytest
from google import genai
from google.genai import errors as google_errors
from google.genai.types import HttpOptions

from tests.fakes.openai.behaviours import HUGE_CHARS, UNICODE_TEXT
from tests.support.fake_speaker import WIRES, FakeSpeaker, speaker_in_container, speaker_in_process

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"command": {"type": "string"}}}
FAILING = {"fail-400": 400, "fail-401": 401, "fail-402": 402, "fail-403": 403, "nobody": 404, "fail-408": 408,
           "fail-429": 429, "fail-429-no-hint": 429, "fail-500": 500, "fail-529": 529}  # fmt: skip

Fakes = dict[str, FakeSpeaker]


@pytest.fixture(scope="module", params=["process", pytest.param("container", marks=pytest.mark.docker)])
def fakes(request: pytest.FixtureRequest) -> Iterator[Fakes]:
    """All fakes in this process and, by the same code, as containers."""
    run = speaker_in_process if request.param == "process" else speaker_in_container
    with ExitStack() as stack:
        yield {api: stack.enter_context(run(api)) for api in WIRES}


@pytest.fixture
def fake(fakes: Fakes, request: pytest.FixtureRequest) -> FakeSpeaker:
    """The fake that a class of tests is about, as if nobody had used it."""
    found = fakes[request.cls.api]
    found.reset()
    return found


class TestAnthropic:
    """Judged by `anthropic`."""

    api = "anthropic-messages"

    @pytest.fixture
    def client(self, fake: FakeSpeaker) -> Iterator[anthropic.Anthropic]:
        with anthropic.Anthropic(base_url=fake.base_url, api_key=fake.key, max_retries=0, timeout=10) as client:
            yield client

    def ask(self, client: Any, model: str, content: Any = "hello there", **more: Any) -> Any:
        """The whole message that a stream adds up to, by the SDK's own accumulation."""
        messages = more.pop("messages", [{"role": "user", "content": content}])
        with client.messages.stream(model=model, max_tokens=4000, messages=messages, **more) as stream:
            return stream.get_final_message()

    def test_text_and_usage(self, client: Any) -> None:
        streamed = self.ask(client, "fake-1", system="be brief")
        plain = client.messages.create(
            model="fake-1", max_tokens=9, system="be brief", messages=[{"role": "user", "content": "hello there"}]
        )
        for message in (streamed, plain):
            assert message.content[0].text == "You said: hello there"
            assert message.stop_reason == "end_turn"
            assert (message.usage.input_tokens, message.usage.output_tokens) == (4, 4)
        assert self.ask(client, "fake-cached").usage.cache_read_input_tokens == 3
        assert self.ask(client, "length").stop_reason == "max_tokens"

    def test_images(self, client: Any) -> None:
        source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
        content = [{"type": "text", "text": "look"}, {"type": "image", "source": source}]
        assert self.ask(client, "fake-1", content).content[0].text == "You said: look [1 image]"

    def test_thinking_and_two_tools_at_once(self, client: Any) -> None:
        tools = [{"name": "exec", "description": "Run", "input_schema": SCHEMA}]
        thinking = {"type": "enabled", "budget_tokens": 1024}
        asked = {"role": "user", "content": "run `uname`"}
        first = self.ask(client, "fake-think-tool", messages=[asked], tools=tools, thinking=thinking)
        thought, call = first.content
        assert (thought.thinking, thought.signature) == ("I must look.", "c2VhbGVk")
        assert (call.name, call.input) == ("exec", {"command": "uname"})
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "Linux"}
        history = [asked, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
        second = self.ask(client, "fake-think-tool", messages=history, tools=tools, thinking=thinking)
        assert second.content[-1].text == "The tool said: Linux"
        with pytest.raises(anthropic.BadRequestError, match="Expected thinking"):
            history[1] = {"role": "assistant", "content": [call]}
            self.ask(client, "fake-think-tool", messages=history, tools=tools, thinking=thinking)
        with pytest.raises(anthropic.BadRequestError, match="tool_result"):
            self.ask(client, "fake-1", messages=[asked, {"role": "assistant", "content": [call]}, asked])
        both = self.ask(client, "fake-parallel", "run `ls`", tools=tools)
        assert [block.input for block in both.content] == [{"command": "ls"}] * 2
        assert len({block.id for block in both.content}) == 2
        assert both.stop_reason == "tool_use"

    @pytest.mark.parametrize(("model", "status"), FAILING.items())
    @pytest.mark.parametrize("stream", [False, True])
    def test_failures(self, client: Any, model: str, status: int, stream: bool) -> None:
        with pytest.raises(anthropic.APIStatusError) as caught:
            client.messages.create(
                model=model, max_tokens=9, messages=[{"role": "user", "content": "x"}], stream=stream
            )
        assert caught.value.status_code == status
        assert caught.value.response.headers.get("retry-after") == ("7" if model == "fail-429" else None)

    def test_broken_streams(self, fake: FakeSpeaker, client: Any) -> None:
        assert self.ask(client, "unicode").content[0].text == UNICODE_TEXT
        question = [{"role": "user", "content": "x"}]
        huge = client.messages.create(model="huge", max_tokens=9, messages=question).content[0]
        assert len(huge.text) >= HUGE_CHARS
        with pytest.raises(anthropic.APIStatusError, match="The server failed"):
            self.ask(client, "error-midway")
        with pytest.raises(Exception, match=r"(?i)incomplete|peer closed|connection"):
            self.ask(client, "cut")
        with pytest.raises(AssertionError):  # this SDK skips an event without a name, and then has no message
            self.ask(client, "bad-json")
        with pytest.raises(Exception, match="timed out"):
            self.ask(client.with_options(timeout=0.3), "stall")
        assert [entry["outcome"] for entry in fake.requests(at_least=6, ended=True)][-1] == "client left"

    def test_a_wrong_key(self, fake: FakeSpeaker) -> None:
        with (
            anthropic.Anthropic(base_url=fake.base_url, api_key="another", max_retries=0) as client,
            pytest.raises(anthropic.AuthenticationError, match="not valid"),
        ):
            self.ask(client, "fake-1")


class TestResponses:
    """Judged by `openai`."""

    api = "openai-responses"

    @pytest.fixture
    def client(self, fake: FakeSpeaker) -> Iterator[openai.OpenAI]:
        with openai.OpenAI(base_url=fake.base_url, api_key=fake.key, max_retries=0, timeout=10) as client:
            yield client

    def ask(self, client: Any, model: str, given: Any = "hello there", **more: Any) -> Any:
        """The whole response that a stream adds up to, by the SDK's own accumulation."""
        with client.responses.stream(model=model, input=given, store=False, **more) as stream:
            return stream.get_final_response()

    def test_text_and_usage(self, client: Any) -> None:
        for response in (self.ask(client, "fake-1"), client.responses.create(model="fake-1", input="hello there")):
            assert response.output_text == "You said: hello there"
            assert response.status == "completed"
            assert (response.usage.input_tokens, response.usage.output_tokens) == (2, 4)
        deltas = [event.delta for event in client.responses.create(model="fake-1", input="hello there", stream=True)
                  if event.type == "response.output_text.delta"]  # fmt: skip
        assert len(deltas) == 4
        assert self.ask(client, "fake-cached").usage.input_tokens_details.cached_tokens == 3

    def test_a_limit_that_was_reached(self, client: Any) -> None:
        events = list(client.responses.create(model="length", input="x", stream=True))
        assert events[-1].type == "response.incomplete"
        assert events[-1].response.incomplete_details is not None
        assert events[-1].response.incomplete_details.reason == "max_output_tokens"

    def test_images(self, client: Any) -> None:
        parts = [
            {"type": "input_text", "text": "look"},
            {"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{PIXEL}"},
        ]
        found = self.ask(client, "fake-1", [{"type": "message", "role": "user", "content": parts}])
        assert found.output_text == "You said: look [1 image]"

    def test_thinking_and_two_tools_at_once(self, client: Any) -> None:
        tools = [{"type": "function", "name": "exec", "description": "Run", "parameters": SCHEMA, "strict": False}]
        reasoning = {"effort": "low", "summary": "auto"}
        more = {"tools": tools, "reasoning": reasoning, "include": ["reasoning.encrypted_content"]}
        asked = {"role": "user", "content": "run `uname`"}
        first = self.ask(client, "fake-think-tool", [asked], **more)
        thought, call = first.output
        assert (thought.summary[0].text, thought.encrypted_content) == ("I must look.", "sealed")
        assert json.loads(call.arguments) == {"command": "uname"}
        back = {"type": "reasoning", "summary": [], "encrypted_content": "sealed"}
        called = {"type": "function_call", "call_id": call.call_id, "name": "exec", "arguments": call.arguments}
        output = {"type": "function_call_output", "call_id": call.call_id, "output": "Linux"}
        second = self.ask(client, "fake-think-tool", [asked, back, called, output], **more)
        assert second.output_text == "The tool said: Linux"
        with pytest.raises(openai.BadRequestError, match="No tool output"):
            self.ask(client, "fake-1", [asked, called])
        with pytest.raises(openai.BadRequestError, match="could not be verified"):
            self.ask(client, "fake-1", [asked, back | {"encrypted_content": "broken"}])
        both = self.ask(client, "fake-parallel", "run `ls`", tools=tools)
        assert [json.loads(item.arguments) for item in both.output] == [{"command": "ls"}] * 2

    @pytest.mark.parametrize(("model", "status"), FAILING.items())
    @pytest.mark.parametrize("stream", [False, True])
    def test_failures(self, client: Any, model: str, status: int, stream: bool) -> None:
        with pytest.raises(openai.APIStatusError) as caught:
            client.responses.create(model=model, input="x", stream=stream)
        assert caught.value.status_code == status
        assert caught.value.response.headers.get("retry-after") == ("7" if model == "fail-429" else None)

    def test_broken_streams(self, client: Any) -> None:
        def streamed(model: str, timeout: float = 10) -> str:
            stream = client.with_options(timeout=timeout).responses.create(model=model, input="x", stream=True)
            return "".join(event.delta for event in stream if event.type == "response.output_text.delta")

        assert streamed("unicode") == UNICODE_TEXT
        assert len(client.responses.create(model="huge", input="x").output_text) >= HUGE_CHARS
        with pytest.raises(openai.APIError, match="The server failed"):
            streamed("error-midway")
        with pytest.raises(Exception, match=r"(?i)incomplete|peer closed|connection"):
            streamed("cut")
        with pytest.raises(json.JSONDecodeError):
            streamed("bad-json")
        with pytest.raises(Exception, match="timed out"):
            streamed("stall", 0.3)

    def test_a_wrong_key(self, fake: FakeSpeaker) -> None:
        with (
            openai.OpenAI(base_url=fake.base_url, api_key="another", max_retries=0) as client,
            pytest.raises(openai.AuthenticationError, match="not valid"),
        ):
            client.responses.create(model="fake-1", input="x")


class TestGoogle:
    """Judged by `google-genai`."""

    api = "google-generative-ai"

    def client(self, fake: FakeSpeaker, **more: Any) -> Any:
        options: Any = {"base_url": fake.root_url, "timeout": 10_000, **more}
        return genai.Client(api_key=fake.key, http_options=options)

    def ask(self, client: Any, model: str, contents: Any = "hello there", **config: Any) -> list[Any]:
        return list(client.models.generate_content_stream(model=model, contents=contents, config=config))

    def text(self, chunks: list[Any]) -> str:
        parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts or []]
        return "".join(part.text for part in parts if part.text and not part.thought)

    def test_text_and_usage(self, fake: FakeSpeaker) -> None:
        client = self.client(fake)
        chunks = self.ask(client, "fake-1", system_instruction="be brief")
        assert self.text(chunks) == "You said: hello there"
        assert len(chunks) == 5
        plain = client.models.generate_content(model="fake-1", contents="hello there")
        assert plain.text == "You said: hello there"
        last = chunks[-1]
        assert last.candidates[0].finish_reason == "STOP"
        assert (last.usage_metadata.prompt_token_count, last.usage_metadata.candidates_token_count) == (4, 4)
        assert self.ask(client, "fake-cached")[-1].usage_metadata.cached_content_token_count == 3
        assert self.ask(client, "length")[-1].candidates[0].finish_reason == "MAX_TOKENS"

    def test_images(self, fake: FakeSpeaker) -> None:
        parts = [{"text": "look"}, {"inline_data": {"mime_type": "image/png", "data": base64.b64decode(PIXEL)}}]
        chunks = self.ask(self.client(fake), "fake-1", [{"role": "user", "parts": parts}])
        assert self.text(chunks) == "You said: look [1 image]"

    def test_thinking_and_two_tools_at_once(self, fake: FakeSpeaker) -> None:
        client = self.client(fake)
        declared = {"name": "exec", "description": "Run", "parameters_json_schema": SCHEMA}
        more: dict[str, Any] = {
            "tools": [{"function_declarations": [declared]}],
            "thinking_config": {"include_thoughts": True},
        }
        asked = {"role": "user", "parts": [{"text": "run `uname`"}]}
        first = self.ask(client, "fake-think-tool", [asked], **more)
        parts = [part for chunk in first for part in chunk.candidates[0].content.parts or []]
        assert "".join(part.text for part in parts if part.thought) == "I must look."
        (call,) = [part for part in parts if part.function_call]
        assert (call.function_call.args, call.thought_signature) == ({"command": "uname"}, b"sealed")
        result = {"function_response": {"name": "exec", "response": {"output": "Linux"}}}
        model = {"role": "model", "parts": [call]}
        back = [asked, model, {"role": "user", "parts": [result]}]
        assert self.text(self.ask(client, "fake-think-tool", back, **more)) == "The tool said: Linux"
        unsealed = {"role": "model", "parts": [{"function_call": call.function_call}]}
        with pytest.raises(google_errors.ClientError, match="thought_signature"):
            self.ask(client, "fake-think-tool", [asked, unsealed, back[2]], **more)
        both = self.ask(client, "fake-parallel", "run `ls`", tools=more["tools"])
        calls = [part.function_call for chunk in both for part in chunk.candidates[0].content.parts or []]
        assert [call.args for call in calls] == [{"command": "ls"}] * 2

    @pytest.mark.parametrize(("model", "status"), FAILING.items())
    @pytest.mark.parametrize("stream", [False, True])
    def test_failures(self, fake: FakeSpeaker, model: str, status: int, stream: bool) -> None:
        client = self.client(fake)
        with pytest.raises(google_errors.APIError) as caught:
            if stream:
                self.ask(client, model)
            else:
                client.models.generate_content(model=model, contents="x")
        assert caught.value.code == status

    def test_broken_streams(self, fake: FakeSpeaker) -> None:
        client = self.client(fake)
        assert self.text(self.ask(client, "unicode")) == UNICODE_TEXT
        assert len(client.models.generate_content(model="huge", contents="x").text or "") >= HUGE_CHARS
        with pytest.raises(google_errors.APIError, match="The server failed"):
            self.ask(client, "error-midway")
        with pytest.raises(Exception, match=r"(?i)incomplete|peer closed|connection"):
            self.ask(client, "cut")
        with pytest.raises(Exception, match=r"(?i)json"):
            self.ask(client, "bad-json")
        with pytest.raises(Exception, match="timed out"):
            self.ask(self.client(fake, timeout=300), "stall")

    def test_a_wrong_key(self, fake: FakeSpeaker) -> None:
        client = genai.Client(api_key="another", http_options=HttpOptions(base_url=fake.root_url))
        with pytest.raises(google_errors.ClientError, match="not valid"):
            self.ask(client, "fake-1")


class TestOllama:
    """Judged by `ollama`."""

    api = "ollama"

    @pytest.fixture
    def client(self, fake: FakeSpeaker) -> Iterator[ollama.Client]:
        client = ollama.Client(fake.base_url, headers={"Authorization": f"Bearer {fake.key}"}, timeout=10)
        yield client
        client._client.close()

    def ask(self, client: ollama.Client, model: str, **more: Any) -> list[ollama.ChatResponse]:
        """The pieces of a streamed answer."""
        messages = more.pop("messages", [{"role": "user", "content": "hello there"}])
        return list(client.chat(model, messages, stream=True, **more))

    def test_text_and_usage(self, client: ollama.Client) -> None:
        pieces = self.ask(client, "fake-1")
        assert "".join(piece.message.content or "" for piece in pieces) == "You said: hello there"
        assert (pieces[-1].done_reason, pieces[-1].prompt_eval_count) == ("stop", 2)
        whole = client.chat("fake-1", [{"role": "user", "content": "hello there"}])
        assert whole.message.content == "You said: hello there"

    def test_thinking_pictures_and_tools(self, client: ollama.Client) -> None:
        thought = self.ask(client, "fake-think", think=True)
        assert "".join(piece.message.thinking or "" for piece in thought) == "Let me think about it."
        seen = self.ask(client, "fake-1", messages=[{"role": "user", "content": "look", "images": [PIXEL]}])
        assert "[1 image]" in "".join(piece.message.content or "" for piece in seen)
        tool = {"type": "function", "function": {"name": "exec", "parameters": SCHEMA}}
        asked = {"role": "user", "content": "run: ls"}
        called = [call for piece in self.ask(client, "fake-tool", messages=[asked], tools=[tool])
                  for call in piece.message.tool_calls or ()]  # fmt: skip
        assert called[0].function.name == "exec" and "command" in called[0].function.arguments
        told = [asked, {"role": "assistant", "content": "", "tool_calls": called}, {"role": "tool", "content": "a.txt"}]
        answer = self.ask(client, "fake-tool", messages=told, tools=[tool])
        assert "The tool said: a.txt" in "".join(piece.message.content or "" for piece in answer)

    @pytest.mark.parametrize(("model", "status"), FAILING.items())
    def test_failures(self, client: ollama.Client, model: str, status: int) -> None:
        with pytest.raises(ollama.ResponseError) as caught:
            self.ask(client, model)
        assert caught.value.status_code == status

    def test_broken_streams(self, client: ollama.Client) -> None:
        with pytest.raises(ollama.ResponseError, match="The server failed"):
            self.ask(client, "error-midway")

    def test_lists_and_what_models_can_do(self, client: ollama.Client) -> None:
        assert "fake-see" in [row.model for row in client.list().models]
        shown = client.show("fake-see")
        assert "vision" in (shown.capabilities or ()) and (shown.modelinfo or {})["fake.context_length"] == 4096


def test_every_wire_has_its_judge() -> None:
    judged = {TestAnthropic.api, TestResponses.api, TestGoogle.api, TestOllama.api}
    assert judged == set(WIRES)
