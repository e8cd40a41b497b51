"""A conversation as chat completions take it, with what single servers want otherwise. Pure.

Source: models-and-auth §3.4 and §4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clawfleet.core.messages import Image, Message
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.compat import Compat
from clawfleet.models.providers.conversation import NO_OUTPUT, data_url, own_thoughts, text_of

_AFTER_RESULTS = "(I have seen the results.)"


def messages_of(
    messages: Iterable[Message], endpoint: Endpoint, compat: Compat, origin: str
) -> Iterator[dict[str, object]]:
    """The conversation on the wire. Pictures of tool results follow their run of results in one user message."""
    shows = endpoint.images and not compat.requires_string_content
    pictures: list[Image] = []
    previous = ""
    for message in messages:
        if message.role != "tool" and pictures:
            yield _pictures_of_tools(pictures)
            pictures = []
        if message.role == "tool" and shows:
            pictures += message.images
        if compat.requires_assistant_after_tool_result and (previous, message.role) == ("tool", "user"):
            yield {"role": "assistant", "content": _AFTER_RESULTS}
        previous = message.role
        entry = (
            _assistant(message, compat, origin) if message.role == "assistant" else _other(message, endpoint, compat)
        )
        if entry is not None:
            yield {key: entry[key] for key in ("role", "content")} if compat.strict_message_keys else entry
    if pictures:
        yield _pictures_of_tools(pictures)


def _assistant(message: Message, compat: Compat, origin: str) -> dict[str, object] | None:
    """What the model said; None when it said and did nothing, which servers refuse."""
    thought = "\n\n".join(each.text for each in own_thoughts(message, origin) if each.text)
    content: object = message.text
    if thought and compat.requires_thinking_as_text:
        texts = [text for text in (thought, message.text) if text]
        parts = [{"type": "text", "text": text} for text in texts]
        content = "\n".join(texts) if compat.requires_string_content else parts
    if not content and not message.tool_calls:
        return None
    entry: dict[str, object] = {"role": "assistant", "content": content}
    if compat.requires_reasoning_content or (compat.replays_reasoning and thought):
        entry["reasoning_content"] = "" if compat.requires_thinking_as_text else thought
    if message.tool_calls:
        entry["content"] = content or ("" if compat.strict_message_keys else None)
        entry["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    return entry


def _other(message: Message, endpoint: Endpoint, compat: Compat) -> dict[str, object]:
    shows = endpoint.images and not compat.requires_string_content
    if message.role == "tool":
        content = text_of(message, shows=shows) or NO_OUTPUT
        name = {"name": message.tool_name or "tool"} if compat.requires_tool_result_name else {}
        return {"role": "tool", "tool_call_id": message.tool_call_id or "", **name, "content": content}
    if message.role == "system":
        is_developer = endpoint.reasoning and compat.supports_developer_role
        return {"role": "developer" if is_developer else "system", "content": message.text}
    if shows and message.images:
        text = [{"type": "text", "text": message.text}] if message.text else []
        return {"role": "user", "content": [*text, *map(_picture, message.images)]}
    return {"role": "user", "content": text_of(message, shows=False)}


def _picture(image: Image) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": data_url(image)}}


def _pictures_of_tools(images: list[Image]) -> dict[str, object]:
    return {"role": "user", "content": [{"type": "text", "text": "(from the tool)"}, *map(_picture, images)]}
