"""Models are asked through one object that loads nothing before it is needed."""

from __future__ import annotations

import subprocess
import sys
from contextlib import aclosing

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.messages import Message
from clawfleet.models.catalog import UnknownModel
from clawfleet.models.client import Models
from clawfleet.models.providers.base import Finished, TextDelta
from clawfleet.models.providers.failures import NoKey, ProviderDown
from clawfleet.models.refs import ModelRef
from clawfleet.models.retrying import RETRY_VARIABLE
from clawfleet.models.setups import DEMO_DELAY_VARIABLE

NO_RETRY = {RETRY_VARIABLE: "0"}
HELLO = (Message("user", "hello"),)
ECHO = ModelRef("demo", "echo")

WITHOUT_AIOHTTP = """
import asyncio, sys
from clawfleet.config.models.root import Config
from clawfleet.core.messages import Message
from clawfleet.models.client import Models

async def main():
    environ = {"CLAWFLEET_DEMO_WORD_DELAY_MS": "0", "CLAWFLEET_MODEL_RETRY_S": "0"}
    models = Models(Config.model_validate({"models": {"providers": {
        "lan": {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "m"}]}}}}), environ)
    ref = models.catalog.resolve("demo/echo")
    events = [event async for event in models.stream(ref, (Message("user", "hi"),))]
    text = "".join(event.text for event in events[:-1])
    assert text.endswith("You said: hi"), text
    assert "aiohttp" not in sys.modules
    await models.close()
    try:
        async for _ in models.stream(models.catalog.resolve("lan/m"), (Message("user", "hi"),)):
            pass
    except Exception as error:
        assert type(error).__name__ == "ProviderDown", error
    assert "aiohttp" in sys.modules
    await models.close()

asyncio.run(main())
"""


def test_aiohttp_is_loaded_by_the_first_real_call_only() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_AIOHTTP], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_the_demo_answers_twice_alike() -> None:
    models = Models(Config(), {DEMO_DELAY_VARIABLE: "0"})
    answers = []
    for _ in range(2):  # the first call loads the adapter, the second finds it
        events = [event async for event in models.stream(ECHO, HELLO)]
        assert isinstance(events[-1], Finished)
        answers.append("".join(event.text for event in events if isinstance(event, TextDelta)))
    assert answers[0] == answers[1]
    assert answers[0].endswith("You said: hello")
    await models.close()


async def test_a_stream_can_be_closed_half_way() -> None:
    models = Models(Config(), {DEMO_DELAY_VARIABLE: "0"})
    for _ in range(2):
        async with aclosing(models.stream(ECHO, HELLO)) as events:
            assert isinstance(await anext(events), TextDelta)
    await models.close()


async def test_what_cannot_be_asked_is_refused_before_anything_is_sent() -> None:
    models = Models(Config(), {})
    with pytest.raises(UnknownModel):
        await anext(models.stream(ModelRef("nobody", "x"), HELLO))
    with pytest.raises(NoKey):
        await anext(models.stream(ModelRef("openai", "gpt-5.2"), HELLO))


async def test_it_can_be_used_again_after_a_failure_and_closed_twice() -> None:
    provider = {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "m"}]}
    models = Models(Config.model_validate({"models": {"providers": {"lan": provider}}}), NO_RETRY)
    for _ in range(2):
        with pytest.raises(ProviderDown):
            await anext(models.stream(ModelRef("lan", "m"), HELLO))
    await models.close()
    await models.close()


async def test_models_of_another_config_share_the_connections_and_leave_the_first_as_they_were() -> None:
    first = Models(Config.model_validate({"agents": {"defaults": {"model": "demo/echo"}}}), {})
    second = first.renewed(Config.model_validate({"agents": {"defaults": {"model": "demo/other"}}}), {})
    assert (str(first.catalog.default()), str(second.catalog.default())) == ("demo/echo", "demo/other")
    assert first._pool.open() is second._pool.open()
    await second.close()
