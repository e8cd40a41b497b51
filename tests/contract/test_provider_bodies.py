"""What goes to providers, held against golden files: one conversation on every wire, one question to every preset.

A change of these files is a change of what providers get: look at it, then keep it with
`python -m tests.contract.test_provider_bodies`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.messages import Image, Message, Thought, ToolCall, ToolSpec
from clawfleet.models.adapters import load_adapter
from clawfleet.models.catalog import Catalog
from clawfleet.models.presets import PRESETS
from clawfleet.models.providers import (
    anthropic_messages,
    google_generative_ai,
    ollama,
    openai_completions,
    openai_responses,
)
from clawfleet.models.providers.base import Endpoint, Request, Sampling
from clawfleet.models.providers.call import Call
from clawfleet.models.refs import ModelRef

GOLDEN = Path(__file__).resolve().parents[1] / "data/golden"
ENCODERS: dict[str, Callable[[Request, Endpoint], dict[str, object]]] = {
    "openai-completions": openai_completions.encode,
    "openai-responses": openai_responses.encode,
    "anthropic-messages": anthropic_messages.encode,
    "google-generative-ai": google_generative_ai.encode,
    "ollama": ollama.encode,
}
PIXEL = Image("image/png", "iVBORw0KGgo=")
LOCAL = Endpoint("lan", "http://127.0.0.1:8317/v1", images=True)
SCHEMA: dict[str, object] = {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}
TOOLS = (ToolSpec("read", "Read a file", SCHEMA), ToolSpec("exec", "Run a command", SCHEMA))
CALLS = (ToolCall("call_A1", "exec", '{"command":"ls"}'), ToolCall("call_B2", "read", '{"command":"größe"}'))
HELLO = (Message("system", "You are helpful."), Message("user", "hello"))
CONVERSATION = (
    Message("system", "You are helpful."),
    Message("system", "Today is Monday."),
    Message("user", "What is here?", images=(PIXEL,)),
    Message(
        "assistant",
        "I look.",
        tool_calls=CALLS,
        thoughts=(Thought("lan/m", "seal", "Hm."), Thought("lan/m", "seal-of-call", call_id="call_A1")),
    ),
    Message("tool", "a.txt", tool_call_id="call_A1", tool_name="exec"),
    Message("tool", "no such file", tool_call_id="call_B2", tool_name="read", is_error=True, images=(PIXEL,)),
)
SAMPLING = Sampling(temperature=0.3, max_tokens=123, stop=("END",), tool_choice="required")
PARAMS: dict[str, object] = {
    "temperature": 0.3,
    "maxTokens": 123,
    "serviceTier": "flex",
    "chat_template_kwargs": {"deep": True},
    "extra_body": {"top_k": 4},
}
COMPAT: dict[str, object] = {
    "supportsStore": True,
    "supportsPromptCacheKey": True,
    "supportsStrictMode": True,
    "supportsTemperature": False,
    "supportsJsonSchemaResponseFormat": False,
    "requiresToolResultName": True,
    "requiresReasoningContentOnAssistantMessages": True,
    "requiresAssistantAfterToolResult": True,
    "thinkingFormat": "qwen",
    "supportedReasoningEfforts": ["low", "medium"],
    "unsupportedToolSchemaKeywords": ["pattern"],
}


def bodies(api: str) -> dict[str, object]:
    """The bodies of one wire, by what they are an example of."""
    encode = ENCODERS[api]
    deep = replace(LOCAL, reasoning=True, max_tokens=32_000, compat={"supportsReasoningEffort": True})
    found = {
        "plain": encode(Request("m", HELLO), LOCAL),
        "sampled": encode(Request("m", HELLO, TOOLS, SAMPLING), LOCAL),
        "tools": encode(Request("m", CONVERSATION, TOOLS), LOCAL),
        "text only": encode(Request("m", CONVERSATION), replace(LOCAL, images=False)),
    }
    for level in ("off", "minimal", "low", "medium", "high"):
        sampling = Sampling(reasoning_effort=level)
        found[f"thinking {level}"] = encode(Request("m", HELLO, TOOLS, sampling), deep)
    return dict(found) | overridden(encode, deep)


def overridden(encode: Callable[[Request, Endpoint], dict[str, object]], deep: Endpoint) -> dict[str, object]:
    """The bodies that the operator's own words change."""
    strict = (*TOOLS[:1], ToolSpec("find", "Find", {"type": "object", "properties": {"q": {"pattern": "^a"}}}))
    changes: dict[str, Endpoint] = {
        "params": replace(LOCAL, params=PARAMS),
        "cache long": replace(LOCAL, params={"cacheRetention": "long"}),
        "cache none": replace(LOCAL, params={"cacheRetention": "none"}),
        "levels": replace(deep, levels={"high": None, "xhigh": None, "max": None, "medium": "low"}),
        "llamacpp": replace(LOCAL, compat={"toolSchemaProfile": "llamacpp"}),
        "every compat flag": replace(deep, compat=COMPAT),
    }
    asked = Sampling(reasoning_effort="high")
    return {
        name: encode(Request("m", CONVERSATION, strict, asked, "session-1"), endpoint)
        for name, endpoint in changes.items()
    }


class Recorder:
    """Takes the place of the network: notes what would be sent, answers nothing."""

    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}

    @asynccontextmanager
    async def send(self, call: Call) -> AsyncIterator[Any]:
        self.sent = {"url": call.url, "headers": dict(call.auth), "body": call.body}
        raise ConnectionError("nobody is there")
        yield


async def sent_by(name: str) -> dict[str, Any]:
    """What a preset's first model (or one of any name) is sent, with nothing set but its key."""
    preset = PRESETS[name]
    catalog = Catalog.of(Config(), {preset.key_names[0]: "the-key"})
    ref = ModelRef(name, preset.models[0].id if preset.models else "some-model")
    recorder: Any = Recorder()
    adapter = load_adapter(catalog.row(ref).api)(catalog.endpoint(ref), lambda: recorder)
    with pytest.raises(ConnectionError):
        await anext(adapter.stream(Request(ref.model, HELLO)))
    sent: dict[str, Any] = recorder.sent
    return sent


def kept(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("api", ENCODERS)
def test_bodies_are_the_golden_ones(api: str) -> None:
    assert bodies(api) == kept(api)


@pytest.mark.parametrize("name", PRESETS)
async def test_a_key_alone_leads_a_preset_to_its_own_address(name: str) -> None:
    assert await sent_by(name) == kept("presets")[name]


def test_no_preset_is_kept_that_is_gone() -> None:
    assert set(kept("presets")) == set(PRESETS)


def _keep() -> None:
    import asyncio

    golden: dict[str, Any] = {api: bodies(api) for api in ENCODERS}
    golden["presets"] = {name: asyncio.run(sent_by(name)) for name in PRESETS}
    for name, content in golden.items():
        text = json.dumps(content, ensure_ascii=False, indent=2)
        (GOLDEN / f"{name}.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    _keep()
