"""`demo/echo`: the model that needs no key and no server. It repeats what it hears and calls a tool when told to.

It lets a person see everything else at work: streaming, sessions, tools. Nothing leaves this process.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from clawfleet.core.ids import new_token
from clawfleet.core.messages import Message, ToolCall, ToolSpec, Usage
from clawfleet.models.providers.base import Endpoint, Event, Finished, Request, TextDelta, ToolCalled

WORD_DELAY_S = 0.015
MAX_PAUSES = 100

_STAMP = re.compile(r"^\s*\[[^\]\n]*\]\s*")  # the time that prompts put before a user's words
_CALL = re.compile(r"^call\s+([\w.-]+)\s*:\s*(.*)$", re.IGNORECASE | re.DOTALL)
_SLASH = re.compile(r"^/tool\s+([\w.-]+)(?:\s+(.*))?$", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"\s*\S+\s*$|\s*\S+|\s+")

INTRODUCTION = (
    "Hello! I am the demo model (demo/echo): I understand nothing and repeat what you say. "
    "To talk to a real model, put a key such as OPENAI_API_KEY=… into the .env file of the state directory "
    "(usually ~/.openclaw/.env), or describe your provider under models.providers in openclaw.json, and restart. "
    "To watch me call a tool, say: call exec: ls -la\n\n"
)


class DemoEcho:
    """A pretended model. `compat.wordDelayMs` sets the pause between two words."""

    api: ClassVar[Literal["demo"]] = "demo"

    def __init__(self, endpoint: Endpoint, http: object = None) -> None:
        delay_ms = endpoint.compat.get("wordDelayMs")
        self._delay_s = delay_ms / 1000 if isinstance(delay_ms, int | float) else WORD_DELAY_S

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer word by word, with a pause after each of the first `MAX_PAUSES` words."""
        answer = reply_to(request.messages, request.tools)
        heard = sum(len(message.text.split()) for message in request.messages)
        if isinstance(answer, ToolCall):
            yield ToolCalled(answer)
            yield Finished("toolUse", Usage(heard, len(answer.arguments.split())))
            return
        words = _WORD.findall(answer)
        for count, word in enumerate(words):
            yield TextDelta(word)
            await asyncio.sleep(self._delay_s if count < MAX_PAUSES else 0)
        yield Finished("stop", Usage(heard, len(words)))


def reply_to(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> str | ToolCall:
    """What the demo says or calls. Pure but for the id of a call."""
    if messages and messages[-1].role == "tool":
        return _report(messages)
    heard = _STAMP.sub("", next((message.text for message in reversed(messages) if message.role == "user"), ""))
    asked = _CALL.match(heard.strip()) or _SLASH.match(heard.strip())
    if asked:
        return _call(asked.group(1), (asked.group(2) or "").strip(), tools)
    is_first = not any(message.role == "assistant" for message in messages)
    return f"{INTRODUCTION if is_first else ''}You said: {heard}"


def _report(messages: Sequence[Message]) -> str:
    """The output of the tools that ran last."""
    results: list[str] = []
    for message in reversed(messages):
        if message.role != "tool":
            break
        verb = "failed" if message.is_error else "answered"
        results.insert(0, f"{message.tool_name or 'The tool'} {verb}:\n{message.text or '(no output)'}")
    return "\n\n".join(results)


def _call(name: str, said: str, tools: Sequence[ToolSpec]) -> str | ToolCall:
    spec = next((tool for tool in tools if tool.name == name), None)
    if spec is None:
        offered = ", ".join(sorted(tool.name for tool in tools)) or "none"
        return f"I cannot call {name}: it is not on offer here. On offer: {offered}."
    try:
        arguments = json.loads(said) if said.startswith("{") else _arguments(spec.parameters, said)
    except ValueError as error:
        return f"I cannot call {name}: these arguments are not JSON ({error})."
    return ToolCall(f"call{new_token(12)}", name, json.dumps(arguments, ensure_ascii=False))


def _arguments(parameters: Mapping[str, Any], said: str) -> dict[str, str]:
    """Plain words as the tool's main argument: its first required one, else its first."""
    if not said:
        return {}
    required, properties = parameters.get("required"), parameters.get("properties")
    names = [*(required or ()), *(properties or ())]
    return {str(names[0]) if names else "input": said}
