"""Models over real sockets: the fake provider answers, fails, stalls and hangs up; each has its typed outcome."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.messages import Image, Message, ToolSpec, Usage
from clawfleet.models.client import Models
from clawfleet.models.failover import Switched
from clawfleet.models.providers import failures
from clawfleet.models.providers.base import Event, Finished, Sampling, TextDelta, ToolCalled
from clawfleet.models.refs import ModelRef
from tests.fakes.openai.app import fingerprint
from tests.fakes.openai.behaviours import HUGE_CHARS, NAMED, UNICODE_TEXT
from tests.support.fake_openai import FakeOpenAI

Expected = tuple[type[failures.CallFailed], str, int | None]

HELLO = (Message("system", "Be brief."), Message("user", "hello there"))
EXEC = ToolSpec("exec", "Run a command", {"type": "object", "properties": {"command": {"type": "string"}}})
SIGHT = {"id": "fake-vision", "name": "fake-vision", "input": ["text", "image"]}


def configured(fake: FakeOpenAI, **changes: Any) -> Config:
    """The fake as provider `fake`, and as `hasty` with little patience."""
    provider = fake.provider(*(name for name in NAMED if name != "fake-vision")) | changes
    provider["models"] = [*provider["models"], SIGHT]
    providers = {"fake": provider, "hasty": provider | {"timeoutSeconds": 0.3}}
    return Config.model_validate({"models": {"providers": providers}})


@pytest.fixture(params=["process", pytest.param("container", marks=pytest.mark.docker)])
def fake(request: pytest.FixtureRequest) -> FakeOpenAI:
    """The fake provider in this process, and as a container."""
    found: FakeOpenAI = request.getfixturevalue(
        "fake_openai" if request.param == "process" else "fake_openai_container"
    )
    found.reset()
    return found


@pytest.fixture
async def models(fake: FakeOpenAI) -> AsyncIterator[Models]:
    """Models with nothing but the fake behind them."""
    found = Models(configured(fake), {"CLAWFLEET_MODEL_RETRY_S": "0"})
    yield found
    await found.close()


async def ask(models: Models, model: str, *messages: Message, **more: Any) -> list[Event]:
    ref = ModelRef("hasty" if model.startswith("stall") else "fake", model)
    events = [event async for event in models.stream(ref, messages or HELLO, **more)]
    return [event for event in events if not isinstance(event, Switched)]


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def test_an_answer_is_streamed_with_its_usage(fake: FakeOpenAI, models: Models) -> None:
    """Several pieces, the echo, the tokens; the key and the body arrive as the provider wants them."""
    events = await ask(models, "fake-1", sampling=Sampling(temperature=0.3, max_tokens=50))
    assert text_of(events) == "You said: hello there"
    assert len(events) == 5
    assert events[-1] == Finished("stop", Usage(4, 4))
    (seen,) = fake.requests()
    assert seen["auth"] == fingerprint(fake.key)
    assert seen["body"]["model"] == "fake-1"
    assert (seen["body"]["temperature"], seen["body"]["max_completion_tokens"]) == (0.3, 50)
    assert [message["role"] for message in seen["body"]["messages"]] == ["system", "user"]


async def test_a_text_cut_through_its_characters_arrives_whole(models: Models) -> None:
    assert text_of(await ask(models, "unicode")) == UNICODE_TEXT


async def test_a_long_answer_arrives_whole(models: Models) -> None:
    assert len(text_of(await ask(models, "huge"))) >= HUGE_CHARS


async def test_a_tool_is_called_and_its_output_answered(models: Models) -> None:
    events = await ask(models, "fake-tool", Message("user", "please run `uname -a`"), tools=(EXEC,))
    called = events[0]
    assert isinstance(called, ToolCalled)
    assert (called.call.name, called.call.arguments) == ("exec", '{"command": "uname -a"}')
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.stop_reason == "toolUse"
    conversation = (
        Message("user", "please run `uname -a`"),
        Message("assistant", tool_calls=(called.call,)),
        Message("tool", "Linux", tool_call_id=called.call.id, tool_name="exec"),
    )
    assert text_of(await ask(models, "fake-tool", *conversation, tools=(EXEC,))) == "The tool said: Linux"


async def test_an_image_is_seen_by_a_model_that_sees(models: Models) -> None:
    message = Message("user", "look", images=(Image("image/png", "iVBORw0KGgo="),))
    assert text_of(await ask(models, "fake-vision", message)) == "You said: look [1 image]"
    assert "left out" in text_of(await ask(models, "fake-1", message))


async def test_a_truncated_answer_says_so(models: Models) -> None:
    last = (await ask(models, "length"))[-1]
    assert isinstance(last, Finished)
    assert last.stop_reason == "length"


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("fail-400", (failures.RequestRejected, "format", 400)),
        ("fail-context", (failures.ContextOverflow, "context_overflow", 400)),
        ("fail-401", (failures.KeyRejected, "auth", 401)),
        ("fail-402", (failures.BillingRefused, "billing", 402)),
        ("fail-403", (failures.KeyRejected, "auth", 403)),
        ("fail-429", (failures.RateLimited, "rate_limit", 429)),
        ("fail-500", (failures.ProviderDown, "server_error", 500)),
        ("fail-529", (failures.ProviderOverloaded, "overloaded", 529)),
        ("fail-html", (failures.ProviderDown, "server_error", 502)),
        ("stall", (failures.ProviderTimeout, "timeout", None)),
        ("stall-midway", (failures.ProviderTimeout, "timeout", None)),
        ("cut", (failures.StreamCut, "timeout", None)),
        ("error-midway", (failures.ProviderDown, "server_error", 500)),
        ("bad-json", (failures.BadReply, "unclassified", None)),
        ("bad-tool", (failures.MalformedCall, "unclassified", None)),
    ],
)
async def test_each_way_to_fail_is_typed_and_the_next_call_works(
    fake: FakeOpenAI, models: Models, model: str, expected: Expected
) -> None:
    """One request, one clear error that names the model and what to do; afterwards all is well."""
    error, reason, status = expected
    with pytest.raises(error) as caught:
        await ask(models, model, tools=(EXEC,))
    assert (caught.value.reason, caught.value.status) == (reason, status)
    assert f"/{model}" in caught.value.message
    assert caught.value.hint
    assert len(fake.requests()) == 1
    assert text_of(await ask(models, "fake-1")) == "You said: hello there"


async def test_the_wait_that_is_asked_for_is_known(models: Models) -> None:
    with pytest.raises(failures.RateLimited) as hinted:
        await ask(models, "fail-429")
    assert hinted.value.retry_after_s == 7
    with pytest.raises(failures.RateLimited) as unhinted:
        await ask(models, "fail-429-no-hint")
    assert unhinted.value.retry_after_s is None


async def test_text_before_a_failure_was_delivered(models: Models) -> None:
    """What came before the connection was lost has been seen; the failure comes after it."""
    seen = ""
    with pytest.raises(failures.StreamCut):
        async for event in models.stream(ModelRef("fake", "cut"), HELLO):
            seen += event.text if isinstance(event, TextDelta) else ""
    assert seen.startswith("This answer")


async def test_a_wrong_key_is_told_by_its_source_and_never_shown(
    fake: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    models = Models(configured(fake, apiKey="wr0ng-secret-value"), {})
    with caplog.at_level(logging.DEBUG), pytest.raises(failures.KeyRejected) as caught:
        await ask(models, "fake-1")
    assert caught.value.hint is not None
    assert "models.providers.fake.apiKey" in caught.value.hint
    assert "wr0ng-secret-value" not in f"{caught.value}{caught.value.hint}{caught.value.details}{caplog.text}"
    await models.close()


async def test_a_missing_key_is_told_as_the_provider_tells_it(fake: FakeOpenAI) -> None:
    """A local provider may be asked without a key; when it wants one, the hint says that none was sent."""
    models = Models(configured(fake, apiKey=None), {})
    with pytest.raises(failures.KeyRejected) as caught:
        await ask(models, "fake-1")
    assert caught.value.hint == "no key was sent: set models.providers.fake.apiKey"
    await models.close()


async def test_the_key_may_stand_in_the_environment(fake: FakeOpenAI) -> None:
    models = Models(configured(fake, apiKey=None), {"FAKE_API_KEY": fake.key})
    assert text_of(await ask(models, "fast")) == "A fast answer."
    await models.close()


async def test_a_trailing_slash_of_the_base_url_is_tolerated(fake: FakeOpenAI) -> None:
    models = Models(configured(fake, baseUrl=f"{fake.base_url}/"), {})
    assert text_of(await ask(models, "fast")) == "A fast answer."
    await models.close()


async def test_a_base_url_that_is_too_short_is_told(fake: FakeOpenAI) -> None:
    """Without `/v1` the server has no such address, and the hint says where to look."""
    models = Models(configured(fake, baseUrl=fake.root_url), {})
    with pytest.raises(failures.ModelNotFound) as caught:
        await ask(models, "fast")
    assert caught.value.hint is not None
    assert "baseUrl" in caught.value.hint
    await models.close()


async def test_hanging_up_reaches_the_provider(fake: FakeOpenAI, models: Models) -> None:
    async with aclosing(models.stream(ModelRef("fake", "slow"), HELLO)) as events:
        await anext(events)
    (seen,) = await asyncio.to_thread(fake.requests, at_least=1, ended=True)
    assert seen["outcome"] == "client left"


async def test_a_cancelled_turn_hangs_up(fake: FakeOpenAI, models: Models) -> None:
    task = asyncio.ensure_future(ask(models, "slow", Message("user", "word " * 100)))
    await asyncio.to_thread(fake.requests, at_least=1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (seen,) = await asyncio.to_thread(fake.requests, at_least=1, ended=True)
    assert seen["outcome"] == "client left"


async def test_many_at_once_keep_apart(models: Models) -> None:
    """Fifty conversations at the same time each get their own answer."""
    asked = [ask(models, "fake-1", Message("user", f"number {count}")) for count in range(50)]
    answers = await asyncio.gather(*asked)
    assert [text_of(events) for events in answers] == [f"You said: number {count}" for count in range(50)]
