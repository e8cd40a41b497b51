"""Texts with HTML markup, read as the Bot API reads them: plain text and entities, or a refusal. Pure.

Offsets and lengths of entities count UTF-16 units. Source: Bot API, "Formatting options"; channels §5.1.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.errors import BotApiError, bad_request

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
TAG = re.compile(
    r"""<(?P<close>/?)(?P<name>[a-zA-Z0-9-]*)"""
    r"""(?P<attributes>(?:\s+[^\s=>]+(?:=(?:"[^"]*"|'[^']*'|[^\s>]+))?)*)\s*>"""
)
ATTRIBUTE = re.compile(r"([^\s=]+)=(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
# Named references other than these stay as they are written.
REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")

Entity = dict[str, Any]


def utf16_length(text: str) -> int:
    """The length in the units that Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def read_html(text: str) -> tuple[str, list[Entity]]:
    """The plain text and its entities, outer before inner. Raises BotApiError for markup that cannot be parsed."""
    reading = _Reading(text)
    position = 0
    while position < len(text):
        if text[position] == "<":
            position = reading.tag(position)
        else:
            end = text.find("<", position)
            end = len(text) if end < 0 else end
            reading.words(text[position:end])
            position = end
    if reading.open:
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{reading.open[-1]["tag"]}"')
    found = sorted(reading.entities, key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(reading.plain), found


@dataclass
class _Reading:
    source: str
    plain: list[str] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    open: list[dict[str, Any]] = field(default_factory=list)
    length: int = 0

    def words(self, text: str) -> None:
        said = REFERENCE.sub(lambda match: html.unescape(match.group()), text)
        self.plain.append(said)
        self.length += utf16_length(said)

    def tag(self, position: int) -> int:
        """Takes the tag that starts at `position`; where it ends."""
        at = len(self.source[:position].encode())
        match = TAG.match(self.source, position)
        if match is None:
            raise _unparsable(f"Unclosed start tag at byte offset {at}")
        name = match["name"].lower()
        if match["close"]:
            self._close(name, at)
        else:
            self._open(name, match["attributes"], at)
        return match.end()

    def _open(self, name: str, attributes: str, at: int) -> None:
        values = {key.lower(): a or b or c for key, a, b, c in ATTRIBUTE.findall(attributes)}
        if name not in KINDS or (name == "span" and values.get("class") != "tg-spoiler"):
            raise _unparsable(f'Unsupported start tag "{name}" at byte offset {at}')
        self.open.append({"tag": name, "offset": self.length, "attributes": values})

    def _close(self, name: str, at: int) -> None:
        if not self.open:
            raise _unparsable(f"Unexpected end tag at byte offset {at}")
        opened = self.open.pop()
        if opened["tag"] != name:
            raise _unparsable(
                f'Unmatched end tag at byte offset {at}, expected "</{opened["tag"]}>", found "</{name}>"'
            )
        length = self.length - opened["offset"]
        if length and not self._is_language_of_pre(opened):
            entity = {"type": KINDS[name], "offset": opened["offset"], "length": length}
            if name == "a":
                entity["url"] = html.unescape(opened["attributes"].get("href", ""))
            if "language" in opened:
                entity["language"] = opened["language"]
            self.entities.append(entity)

    def _is_language_of_pre(self, opened: dict[str, Any]) -> bool:
        """`<pre><code class="language-x">` is one entity, the pre with its language."""
        language = opened["attributes"].get("class", "")
        if opened["tag"] == "code" and self.open and self.open[-1]["tag"] == "pre":
            if language.startswith("language-"):
                self.open[-1]["language"] = language.removeprefix("language-")
            return True
        return False


def _unparsable(reason: str) -> BotApiError:
    return bad_request(f"can't parse entities: {reason}")
