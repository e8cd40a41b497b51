"""Markdown into messages of Telegram's HTML. Pure. Source: Bot API "Formatting options"; channels §2.12."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from clawfleet.channels.chunks import chunks
from clawfleet.channels.markdown import Rich, Span, read_markdown

LIMIT = 4000
"""UTF-16 units of one message's HTML. Telegram takes 4096; the original stops here and so do we."""

MAX_LINK = 1000
"""A longer target is left out: one link must never fill a message."""

TAGS = {"bold": "b", "italic": "i", "strike": "s", "code": "code", "quote": "blockquote"}
LINK_SCHEMES = ("http://", "https://", "tg://", "mailto:")
LANGUAGE = re.compile(r"[A-Za-z0-9+#_.-]{1,40}")


@dataclass(frozen=True, slots=True)
class Part:
    """One message: its HTML, and the same without markup for when Telegram refuses the HTML."""

    html: str
    plain: str


def parts(markdown: str, limit: int = LIMIT) -> Iterator[Part]:
    """The messages that say `markdown`, in order, each at most `limit` units long; none when it says nothing."""
    for chunk in chunks(read_markdown(markdown), lambda rich: units(to_html(rich)) <= limit, limit):
        yield Part(to_html(chunk), chunk.text)


def to_html(rich: Rich) -> str:
    """`rich` with Telegram's tags: properly nested, everything else escaped."""
    out: list[str] = []
    open_spans: list[Span] = []
    position = 0
    for span in [*rich.spans, None]:
        while open_spans and (span is None or open_spans[-1].end <= span.start):
            done = open_spans.pop()
            out += [_text(rich, position, done.end), _tags(done)[1]]
            position = done.end
        if span is not None and not (span.style == "quote" and any(outer.style == "quote" for outer in open_spans)):
            out += [_text(rich, position, span.start), _tags(span)[0]]
            position = span.start
            open_spans.append(span)
    out.append(_text(rich, position, len(rich.text)))
    return "".join(out)


def units(text: str) -> int:
    """The length of `text` as Telegram counts it: UTF-16 units, so most emoji count two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text(rich: Rich, start: int, end: int) -> str:
    return escape(rich.text[start:end], quote=False)


def _tags(span: Span) -> tuple[str, str]:
    if span.style == "pre":
        language = f' class="language-{span.value}"' if LANGUAGE.fullmatch(span.value) else ""
        return f"<pre><code{language}>", "</code></pre>"
    if span.style == "link":
        usable = span.value.lower().startswith(LINK_SCHEMES) and len(span.value) <= MAX_LINK
        return (f'<a href="{escape(span.value)}">', "</a>") if usable else ("", "")
    return f"<{TAGS[span.style]}>", f"</{TAGS[span.style]}>"
