"""The other wire APIs against their fakes: each way to fail is typed, limits hold, hanging up is noticed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, aclosing, asynccontextmanager
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.messages import Message, ToolSpec
from clawfleet.models.client import Models
from clawfleet.models.providers import failures
from clawfleet.models.providers.base import TextDelta
from clawfleet.models.refs import ModelRef
from tests.fakes.openai.behaviours import HUGE_CHARS, NAMED
from tests.support.fake_speaker import WIRES, FakeSpeaker, speaker_in_container, speaker_in_process

Expected = tuple[type[failures.CallFailed], str, int | None]

HELLO = (Message("system", "Be brief."), Message("user", "hello there"))
EXEC = ToolSpec("exec", "Run a command", {"type": "object", "properties": {"command": {"type": "string"}}})
BUSY_AFTER_ALL = {"like": "fast", "raw": '{"error": {"message": "Overloaded", "type": "overloaded_error"}}'}


@pytest.fixture(scope="module", params=["process", pytest.param("container", marks=pytest.mark.docker)])
def fakes(request: pytest.FixtureRequest) -> Iterator[dict[str, FakeSpeaker]]:
    """All fakes in this process and, by the same code, as containers."""
    run = speaker_in_process if request.param == "process" else speaker_in_container
    with ExitStack() as stack:
        yield {api: stack.enter_context(run(api)) for api in WIRES}


@pytest.fixture(params=list(WIRES))
def fake(fakes: dict[str, FakeSpeaker], request: pytest.FixtureRequest) -> FakeSpeaker:
    fakes[request.param].reset()
    return fakes[request.param]


def models_of(fake: FakeSpeaker, patience: str = "0", **changes: Any) -> Models:
    """The fake as provider `fake`, as `hasty` with little patience, as `calm` with more; nothing is asked twice."""
    provider = fake.provider(*NAMED, "nobody") | changes
    providers = {
        "fake": provider,
        "hasty": provider | {"timeoutSeconds": 0.3},
        "calm": provider | {"timeoutSeconds": 1},
    }
    config = Config.model_validate({"models": {"providers": providers}})
    return Models(config, {"CLAWFLEET_MODEL_RETRY_S": patience})


@asynccontextmanager
async def closed(models: Models) -> AsyncIterator[Models]:
    try:
        yield models
    finally:
        await models.close()


@pytest.fixture
async def models(fake: FakeSpeaker) -> AsyncIterator[Models]:
    found = models_of(fake)
    yield found
    await found.close()


async def said(models: Models, model: str, *, provider: str = "fake", asked: Sequence[Message] = HELLO) -> str:
    stream = models.stream(ModelRef(provider, model), asked, (EXEC,))
    return "".join([event.text async for event in stream if isinstance(event, TextDelta)])


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("fail-400", (failures.RequestRejected, "format", 400)),
        ("fail-context", (failures.ContextOverflow, "context_overflow", 400)),
        ("fail-401", (failures.KeyRejected, "auth", 401)),
        ("fail-402", (failures.BillingRefused, "billing", 402)),
        ("fail-403", (failures.KeyRejected, "auth", 403)),
        ("nobody", (failures.ModelNotFound, "model_not_found", 404)),
        ("fail-408", (failures.ProviderTimeout, "timeout", 408)),
        ("fail-429", (failures.RateLimited, "rate_limit", 429)),
        ("fail-500", (failures.ProviderDown, "server_error", 500)),
        ("fail-529", (failures.ProviderOverloaded, "overloaded", 529)),
        ("fail-html", (failures.ProviderDown, "server_error", 502)),
        ("cut", (failures.StreamCut, "timeout", None)),
        ("error-midway", (failures.ProviderDown, "server_error", None)),
        ("bad-json", (failures.BadReply, "unclassified", None)),
    ],
)
async def test_each_way_to_fail_is_typed(fake: FakeSpeaker, models: Models, model: str, expected: Expected) -> None:
    """One request, one clear error that names the model and what to do."""
    error, reason, status = expected
    with pytest.raises(error) as caught:
        await said(models, model)
    assert caught.value.reason == reason
    assert caught.value.status in (status, 500 if status is None else status)
    assert model in caught.value.message
    assert caught.value.hint
    assert len(fake.requests()) == 1


async def test_the_wait_that_is_asked_for_is_known(models: Models) -> None:
    with pytest.raises(failures.RateLimited) as hinted:
        await said(models, "fail-429")
    assert hinted.value.retry_after_s == 7
    with pytest.raises(failures.RateLimited) as unhinted:
        await said(models, "fail-429-no-hint")
    assert unhinted.value.retry_after_s is None


async def test_an_error_in_a_stream_that_began_well_is_classed_by_its_words(fake: FakeSpeaker, models: Models) -> None:
    fake.script(BUSY_AFTER_ALL)
    with pytest.raises(failures.ProviderOverloaded):
        await said(models, "fast")


@pytest.mark.parametrize("model", ["stall", "stall-midway"])
async def test_silence_has_a_limit(models: Models, model: str) -> None:
    started = time.monotonic()
    with pytest.raises(failures.ProviderTimeout, match=r"\((idle|first byte) limit\)"):
        await said(models, model, provider="hasty")
    assert time.monotonic() - started < 20


async def test_a_server_that_is_not_there(fake: FakeSpeaker) -> None:
    models = models_of(fake, baseUrl="http://127.0.0.1:9")
    with pytest.raises(failures.ProviderDown, match="Cannot reach"):
        await said(models, "fast")
    await models.close()


async def test_a_wrong_key_is_told_by_its_source(fake: FakeSpeaker) -> None:
    models = models_of(fake, apiKey="wr0ng-secret-value")
    with pytest.raises(failures.KeyRejected) as caught:
        await said(models, "fast")
    assert "models.providers.fake.apiKey" in str(caught.value.hint)
    assert "wr0ng-secret-value" not in f"{caught.value}{caught.value.hint}{caught.value.details}"
    await models.close()


async def test_a_long_answer_arrives_whole(fake: FakeSpeaker, models: Models) -> None:
    fake.script({"like": "huge", "pieces": "whole"})
    assert len(await said(models, "huge")) >= HUGE_CHARS


async def test_a_slow_drip_is_no_silence(models: Models) -> None:
    """All of it takes longer than the provider may be silent."""
    words = " ".join(["hello"] * 12)
    began = time.monotonic()
    assert await said(models, "slow", provider="calm", asked=(Message("user", words),)) == f"You said: {words}"
    assert time.monotonic() - began > 1


async def test_hanging_up_reaches_the_provider(fake: FakeSpeaker, models: Models) -> None:
    async with aclosing(models.stream(ModelRef("fake", "slow"), HELLO)) as events:
        await anext(events)
    (seen,) = await asyncio.to_thread(fake.requests, at_least=1, ended=True)
    assert seen["outcome"] == "client left"


async def test_many_at_once_keep_apart(models: Models) -> None:
    async def ask(number: int) -> str:
        stream = models.stream(ModelRef("fake", "fake-1"), [Message("user", f"number {number}")])
        return "".join([event.text async for event in stream if isinstance(event, TextDelta)])

    answers = await asyncio.gather(*map(ask, range(30)))
    assert answers == [f"You said: number {number}" for number in range(30)]


BROKEN_GOOGLE_CALL = {"like": "fast", "raw": '{"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}'}


async def test_a_tool_call_that_is_none_is_asked_for_three_times_more(fake: FakeSpeaker) -> None:
    """Nothing of it is executed; the fourth one is a failure that says what it was."""
    broken = BROKEN_GOOGLE_CALL if fake.api == "google-generative-ai" else {"like": "bad-tool"}
    fake.script(*[broken] * 4, broken, {"text": "Now I know."})
    async with closed(models_of(fake, patience="")) as models:
        with pytest.raises(failures.MalformedCall, match="incomplete or malformed tool call"):
            await said(models, "fast")
        assert len(fake.requests()) == 4
        assert await said(models, "fast") == "Now I know."


async def test_an_empty_answer_is_asked_for_once_more(fake: FakeSpeaker) -> None:
    async with closed(models_of(fake, patience="")) as models:
        with pytest.raises(failures.EmptyAnswer):
            await said(models, "empty")
        assert len(fake.requests()) == 2
        fake.script({"like": "empty"}, {"text": "Here I am."})
        assert await said(models, "fast") == "Here I am."
