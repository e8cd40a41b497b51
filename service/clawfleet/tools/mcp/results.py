"""What an MCP server answered, as a tool's result: texts joined, pictures kept, all of it bounded."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from clawfleet.core.messages import Image
from clawfleet.tools.base import ToolResult

MOST_CHARS = 200_000
MOST_IMAGES = 10
MOST_IMAGE_CHARS = 7_000_000
"""Base64 characters: about 5 MB of picture."""

CUT = "\n[... cut]"
_SEEN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def read_result(result: Any, redact: Callable[[str], str], *, server: str, tool: str) -> ToolResult:
    """`result` is the library's CallToolResult."""
    texts: list[str] = []
    images: list[Image] = []
    for block in result.content:
        text, image = _read(block, room=MOST_IMAGES - len(images))
        if image is not None:
            images.append(image)
        if text:
            texts.append(text)
    if not texts and result.structured_content is not None:
        texts.append(json.dumps(result.structured_content, ensure_ascii=False, indent=1, default=str))
    said = redact("\n".join(texts))
    shown = said if len(said) <= MOST_CHARS else said[:MOST_CHARS] + CUT
    if not shown and not images:
        shown = "(no output)"
    return ToolResult(
        shown,
        is_error=bool(result.is_error),
        details={"server": server, "tool": tool, "status": "failed" if result.is_error else "completed"},
        images=tuple(images),
    )


def _read(block: Any, *, room: int) -> tuple[str, Image | None]:
    """A block's text, or the picture that it is; a note for what cannot be shown."""
    match block.type:
        case "text":
            return str(block.text), None
        case "image":
            kind, data = str(block.mime_type), str(block.data)
            if kind in _SEEN and len(data) <= MOST_IMAGE_CHARS and room > 0:
                return "", Image(kind, data)
            return f"[{kind} not shown]", None
        case "resource":
            return _resource(block.resource), None
        case "resource_link":
            return f"[resource {block.uri}]", None
        case kind:
            return f"[{kind} not shown]", None


def _resource(resource: Any) -> str:
    text = getattr(resource, "text", None)
    return f"[resource {resource.uri}]\n{text}" if isinstance(text, str) else f"[resource {resource.uri} not shown]"
