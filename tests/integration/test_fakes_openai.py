"""The fake provider, judged by the official SDK: what holds here holds for any client of a real provider."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolUnionParam

from tests.fakes.openai.app import fingerprint
from tests.fakes.openai.behaviours import HUGE_CHARS, UNICODE_TEXT
from tests.support.fake_openai import FakeOpenAI

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello there"}]
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
EXEC: list[ChatCompletionToolUnionParam] = [
    {"type": "function", "function": {"name": "exec", "parameters": {"type": "object"}}}
]


@pytest.fixture(
    params=["process", pytest.param("container", marks=pytest.mark.docker)],
)
def fake(request: pytest.FixtureRequest) -> FakeOpenAI:
    """The fake in this process and, by the same code, as a container."""
    name = "fake_openai" if request.param == "process" else "fake_openai_container"
    found: FakeOpenAI = request.getfixturevalue(name)
    found.reset()
    return found


@pytest.fixture
def client(fake: FakeOpenAI) -> Iterator[openai.OpenAI]:
    """The official client, without its own retries."""
    with openai.OpenAI(base_url=fake.base_url, api_key=fake.key, max_retries=0, timeout=10) as client:
        yield client


def _streamed(client: openai.OpenAI, model: str) -> list[str]:
    """The pieces of text of a streamed answer."""
    stream = client.chat.completions.create(model=model, messages=HELLO, stream=True)
    return [chunk.choices[0].delta.content for chunk in stream if chunk.choices and chunk.choices[0].delta.content]


def test_models_are_listed(client: openai.OpenAI) -> None:
    """The list has the named behaviours, and one of them can be looked up."""
    assert {"fake-1", "fake-tool", "fail-429"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("fake-1").id == "fake-1"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nobody")


def test_a_plain_answer_echoes_and_counts(client: openai.OpenAI) -> None:
    """Text, finish reason and usage of an answer that is not streamed."""
    answer = client.chat.completions.create(model="fake-1", messages=HELLO)
    assert answer.choices[0].message.content == "You said: hello there"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (2, 4, 6)


def test_a_streamed_answer_comes_word_by_word_with_usage_at_the_end(client: openai.OpenAI) -> None:
    """Several pieces, one finish reason, then a chunk without choices that carries the usage."""
    stream = client.chat.completions.create(
        model="fake-1", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == "You said: hello there"
    assert len([piece for piece in pieces if piece]) == 4
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 6
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_usage_is_not_streamed_unasked(client: openai.OpenAI) -> None:
    """Without stream_options no chunk carries usage."""
    assert all(
        chunk.usage is None for chunk in client.chat.completions.create(model="fake-1", messages=HELLO, stream=True)
    )


def test_images_are_taken(client: openai.OpenAI) -> None:
    """A data URL counts as a picture; one that is not base64 is refused."""

    def look(url: str) -> str | None:
        content: list[ChatCompletionMessageParam] = [
            {
                "role": "user",
                "content": [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": url}}],
            }
        ]
        return client.chat.completions.create(model="fake-vision", messages=content).choices[0].message.content

    assert look(f"data:image/png;base64,{PIXEL}") == "You said: look [1 image]"
    with pytest.raises(openai.BadRequestError, match="base64"):
        look("data:image/png;base64,not base64!")


def test_a_tool_is_called_in_pieces_and_its_output_answered(client: openai.OpenAI) -> None:
    """The command of the user's words arrives as arguments in pieces; what the tool said comes back as text."""
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "please run `uname -a` for me"}]
    stream = client.chat.completions.create(model="fake-tool", messages=messages, tools=EXEC, stream=True)
    pieces = [call for chunk in stream if chunk.choices for call in chunk.choices[0].delta.tool_calls or []]
    named = [piece for piece in pieces if piece.id]
    assert len(named) == 1
    assert named[0].function is not None
    assert named[0].function.name == "exec"
    arguments = "".join(piece.function.arguments or "" for piece in pieces if piece.function)
    assert json.loads(arguments) == {"command": "uname -a"}
    assert len(pieces) > 3
    call_id = named[0].id or ""
    answered: list[ChatCompletionMessageParam] = [
        *messages,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": call_id, "type": "function", "function": {"name": "exec", "arguments": arguments}}],
        },
        {"role": "tool", "tool_call_id": call_id, "content": "Linux"},
    ]
    answer = client.chat.completions.create(model="fake-tool", messages=answered, tools=EXEC)
    assert answer.choices[0].message.content == "The tool said: Linux"


def test_a_plain_answer_can_call_a_tool(client: openai.OpenAI) -> None:
    """Without streaming the call is whole; without the tool on offer it is words."""
    answer = client.chat.completions.create(model="fake-tool", messages=HELLO, tools=EXEC)
    assert answer.choices[0].finish_reason == "tool_calls"
    calls = answer.choices[0].message.tool_calls or []
    assert [call.function.name for call in calls if call.type == "function"] == ["exec"]
    refused = client.chat.completions.create(model="fake-tool", messages=HELLO)
    assert refused.choices[0].message.content == "I was given no tool named exec."


@pytest.mark.parametrize(
    ("model", "error", "status"),
    [
        ("fail-400", openai.BadRequestError, 400),
        ("fail-401", openai.AuthenticationError, 401),
        ("fail-402", openai.APIStatusError, 402),
        ("fail-403", openai.PermissionDeniedError, 403),
        ("nobody", openai.NotFoundError, 404),
        ("fail-429", openai.RateLimitError, 429),
        ("fail-429-no-hint", openai.RateLimitError, 429),
        ("fail-500", openai.InternalServerError, 500),
        ("fail-html", openai.InternalServerError, 502),
        ("fail-529", openai.InternalServerError, 529),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_failures_have_their_status(
    client: openai.OpenAI, model: str, error: type[openai.APIStatusError], status: int, stream: bool
) -> None:
    """Each failing model answers its status, streamed or not, as the error class that the SDK knows for it."""
    with pytest.raises(error) as caught:
        client.chat.completions.create(model=model, messages=HELLO, stream=stream)
    assert caught.value.status_code == status
    assert caught.value.response.headers.get("retry-after") == ("7" if model == "fail-429" else None)


def test_a_wrong_key_is_refused(fake: FakeOpenAI) -> None:
    """Models and chat both want the key, and the record shows a fingerprint instead of it."""
    with openai.OpenAI(base_url=fake.base_url, api_key="another-key", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key"):
            client.models.list()
        with pytest.raises(openai.AuthenticationError):
            client.chat.completions.create(model="fake-1", messages=HELLO)
    (request,) = fake.requests()
    assert request["auth"] == fingerprint("another-key")
    assert request["headers"]["authorization"] == "***"
    assert request["outcome"] == "401"


@pytest.mark.parametrize("stream", [False, True])
def test_a_stall_runs_into_the_clients_limit(fake: FakeOpenAI, client: openai.OpenAI, stream: bool) -> None:
    """Headers come, then nothing; the fake notices that the client leaves."""
    with pytest.raises(openai.APITimeoutError if not stream else Exception, match="timed out"):
        list(client.with_options(timeout=0.3).chat.completions.create(model="stall", messages=HELLO, stream=stream))
    (request,) = fake.requests(at_least=1, ended=True)
    assert request["outcome"] == "client left"


@pytest.mark.parametrize("stream", [False, True])
def test_a_cut_answer_ends_in_a_connection_error(fake: FakeOpenAI, client: openai.OpenAI, stream: bool) -> None:
    """Half of it arrives, then the connection is gone."""
    with pytest.raises(Exception, match=r"(?i)incomplete|peer closed|connection"):
        list(client.chat.completions.create(model="cut", messages=HELLO, stream=stream))
    assert fake.requests(at_least=1, ended=True)[0]["outcome"] == "cut"


def test_an_answer_that_is_not_json_breaks_the_client(client: openai.OpenAI) -> None:
    """A frame that is cut inside its JSON."""
    with pytest.raises(json.JSONDecodeError):
        _streamed(client, "bad-json")


def test_an_error_in_the_middle_of_a_stream_reaches_the_client(client: openai.OpenAI) -> None:
    """Pieces first, then an error object."""
    with pytest.raises(openai.APIError, match="The server failed"):
        _streamed(client, "error-midway")


def test_multibyte_text_survives_cuts_through_its_characters(client: openai.OpenAI) -> None:
    """The stream is written three bytes at a time."""
    assert "".join(_streamed(client, "unicode")) == UNICODE_TEXT


def test_a_huge_answer_arrives_whole(client: openai.OpenAI) -> None:
    """A million characters in plain form."""
    answer = client.chat.completions.create(model="huge", messages=HELLO)
    assert len(answer.choices[0].message.content or "") >= HUGE_CHARS


def test_a_fast_answer_is_one_piece(client: openai.OpenAI) -> None:
    """For measuring what others add."""
    assert _streamed(client, "fast") == ["A fast answer."]


def test_the_script_comes_before_the_models_own_ways(fake: FakeOpenAI, client: openai.OpenAI) -> None:
    """Each entry answers one request; then the model's name counts again, and requests can be waited for."""
    fake.script({"text": "First.", "reasoning": "Hm."}, {"like": "fail-500"})
    first = client.chat.completions.create(model="anything", messages=HELLO)
    assert first.choices[0].message.content == "First."
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="fake-1", messages=HELLO)
    assert _streamed(client, "fake-1")[0] == "You"
    requests = fake.requests(at_least=3, ended=True)
    assert [request["outcome"] for request in requests] == ["200", "500", "200"]
    assert [request["body"]["model"] for request in requests] == ["anything", "fake-1", "fake-1"]
    assert {request["auth"] for request in requests} == {fingerprint(fake.key)}


@pytest.mark.parametrize("entry", [{"like": "nobody"}, {"colour": "red"}, "fast"])
def test_a_script_with_a_typing_error_is_refused(fake: FakeOpenAI, entry: object) -> None:
    """A test that directs the fake wrongly must not pass by accident."""
    with pytest.raises(AssertionError, match="_script answered 400"):
        fake.script(entry)  # type: ignore[arg-type]


def test_a_tool_answer_without_its_call_is_refused(client: openai.OpenAI) -> None:
    """As the real provider does: a transcript must hold together."""
    orphan: list[ChatCompletionMessageParam] = [*HELLO, {"role": "tool", "tool_call_id": "call_1", "content": "x"}]
    with pytest.raises(openai.BadRequestError, match="preceding tool call"):
        client.chat.completions.create(model="fake-1", messages=orphan)
    open_call: list[ChatCompletionMessageParam] = [
        *HELLO,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "exec", "arguments": "{}"}}],
        },
        *HELLO,
    ]
    with pytest.raises(openai.BadRequestError, match="not answered"):
        client.chat.completions.create(model="fake-1", messages=open_call)
