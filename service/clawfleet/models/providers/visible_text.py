"""What of a model's text a person sees: reasoning between `<think>` tags goes apart, broken characters are mended.

Works on text as it arrives: a tag or a character may be cut anywhere between two pieces. Pure.
Source: models-and-auth §4.4.
"""

from __future__ import annotations

import re

from clawfleet.core.text import whole_characters

_TAG = re.compile(r"<(/?)(?:think|thinking)>", re.IGNORECASE)
_TAG_NAMES = ("<think>", "<thinking>", "</think>", "</thinking>")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Surrogates:
    """Joins the two halves of a character that JSON escapes split over two pieces; a lone half becomes U+FFFD."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """`text` with what was held before it; a first half at its end is held."""
        if not self._half and (text.isascii() or not _SURROGATE.search(text)):
            return text
        text = self._half + text
        self._half = ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return whole_characters(text)

    def close(self) -> str:
        """What is still held, mended."""
        half, self._half = self._half, ""
        return whole_characters(half)


class VisibleText:
    """Splits a reply into what is shown and what was only thought.

    A tag inside backticks is what the model writes about, not its reasoning, and stays. A closing tag without an
    opening one disappears; an opening one without an end makes the rest reasoning.
    """

    def __init__(self) -> None:
        self._surrogates = Surrogates()
        self._held = ""
        self._thinking = False
        self._ticks = 0
        self._at_start = True  # nothing visible yet: blank lines after the reasoning are no part of the answer
        self._thought = False

    def feed(self, text: str) -> tuple[str, str]:
        """What `text` adds: (visible, reasoning). The start of a possible tag is held back."""
        text = self._surrogates.feed(text)
        if not self._held and not self._thinking and "<" not in text and not self._at_start:
            self._ticks += text.count("`")
            return text, ""
        return self._split(self._held + text, is_last=False)

    def close(self) -> tuple[str, str]:
        """What was held back."""
        return self._split(self._held + self._surrogates.close(), is_last=True)

    def _split(self, text: str, *, is_last: bool) -> tuple[str, str]:
        shown: list[str] = []
        thought: list[str] = []
        at = 0
        for tag in _TAG.finditer(text):
            self._add(text[at : tag.start()], shown, thought)
            at = tag.end()
            if not self._thinking and self._ticks % 2:
                self._add(tag.group(), shown, thought)
                continue
            self._thinking = not tag.group(1)
            self._thought = True
        rest = text[at:]
        self._held = "" if is_last else _possible_tag(rest)
        self._add(rest[: len(rest) - len(self._held)], shown, thought)
        return "".join(shown), "".join(thought)

    def _add(self, text: str, shown: list[str], thought: list[str]) -> None:
        if self._thinking:
            thought.append(text)
            return
        if self._at_start:
            text = text.lstrip() if self._thought else text
            self._at_start = not text.strip()
        self._ticks += text.count("`")
        shown.append(text)


def _possible_tag(text: str) -> str:
    """The end of `text` that may yet become a tag."""
    start = text.rfind("<")
    end = text[start:].lower() if start >= 0 else ""
    return text[start:] if end and any(name.startswith(end) for name in _TAG_NAMES) else ""
