"""What a page says, as Markdown or plain text. Pure but heavy: lxml is loaded with the first HTML page.

The libraries choose the main text and write Markdown; what they cannot read is shown as plain text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from clawfleet.tools.web.reply import Reply

Mode = Literal["markdown", "text"]
LEAST_ARTICLE = 200
"""A main text shorter than this is no article: the whole page is shown instead."""

UNNAMED = "application/octet-stream"
"""What a body is when its server does not say."""

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXTUAL = re.compile(r"text/.*|application/(?:.*\+)?(?:json|xml|javascript|yaml|x-yaml|x-ndjson|toml|x-sh|sql)")
_NO_TEXT = ("script", "style", "noscript", "template", "iframe", "svg", "canvas", "object", "embed", "head")
_FRAME = ("nav", "footer", "form", "aside")


@dataclass(frozen=True, slots=True)
class Readable:
    """A page's text; `extractor` says how it was won."""

    text: str
    title: str | None
    extractor: Literal["readability", "html", "json", "raw"]


def is_textual(content_type: str) -> bool:
    """Whether such a body can be shown as text. A server that names no kind is believed."""
    return content_type == UNNAMED or bool(_TEXTUAL.fullmatch(content_type)) or content_type in _HTML


def read_page(reply: Reply, *, mode: Mode, main_text: bool) -> Readable | None:
    """What the body says, its main text alone if wanted; None when it is no text."""
    text, kind = _decoded(reply.body, reply.charset), reply.content_type
    if "\0" in text[:1000]:
        return None
    if kind in _HTML or (kind == UNNAMED and "<html" in text[:1000].lower()):
        return _html(text, reply.url, mode, main_text)
    if kind.endswith("json"):
        try:
            return Readable(json.dumps(json.loads(text), indent=2, ensure_ascii=False), None, "json")
        except (ValueError, RecursionError):
            return Readable(text, None, "raw")
    return Readable(text, None, "raw")


def _decoded(body: bytes, charset: str | None) -> str:
    found = charset or _declared(body)
    try:
        return body.decode(found or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _declared(body: bytes) -> str | None:
    match = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", body[:4096], re.IGNORECASE)
    return match[1].decode("ascii") if match else None


def _html(text: str, url: str, mode: Mode, main_text: bool) -> Readable:
    from lxml import etree, html

    try:
        parser = html.HTMLParser(encoding="utf-8")
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser, base_url=url)
        title = " ".join((tree.findtext(".//title") or "").split()) or None
        tree.make_links_absolute(url, resolve_base_href=True, handle_failures="ignore")
    except (etree.LxmlError, ValueError):
        return Readable("", None, "html")
    try:
        if main_text and len(article := _article(text, url, mode)) >= LEAST_ARTICLE:
            return Readable(article, title, "readability")
        return Readable(_written(_stripped(tree), mode), title, "html")
    except (RecursionError, ValueError, etree.LxmlError):  # nested beyond reason
        return Readable(_spaced("\n".join(_stripped(tree).itertext())), title, "html")


def _article(text: str, url: str, mode: Mode) -> str:
    """The main text; empty when the library finds none."""
    import logging

    from lxml import html
    from readability import Document
    from readability.readability import Unparseable

    logging.getLogger("readability.readability").setLevel(logging.CRITICAL)  # it logs what it raises
    try:
        summary = Document(text, url=url, handle_failures="ignore").summary(html_partial=True)
    except Unparseable:
        return ""
    return _written(html.fromstring(summary), mode)


def _stripped(tree: Any) -> Any:
    body = tree.find("body")
    body = tree if body is None else body
    for name in (*_NO_TEXT, *_FRAME):
        for node in list(body.iter(name)):
            node.drop_tree()
    return body


def _written(tree: Any, mode: Mode) -> str:
    """An element as Markdown; as plain text without links, pictures and emphasis."""
    from lxml import etree
    from markdownify import ATX, markdownify

    for name in _NO_TEXT:
        for node in list(tree.iter(name)):
            node.drop_tree()
    if mode == "text":
        for node in tree.iter("h1", "h2", "h3", "h4", "h5", "h6"):
            node.tag = "p"
    page = etree.tostring(tree, encoding="unicode", method="html")
    plain = ["a", "img", "b", "strong", "i", "em", "code", "del", "s", "sub", "sup"] if mode == "text" else ["img"]
    return _spaced(
        markdownify(page, heading_style=ATX, strip=plain, bullets="-", escape_asterisks=False, escape_underscores=False)
    )


def _spaced(text: str) -> str:
    """At most one empty line in a row, no blanks at the end of lines."""
    lines = re.sub(r"[ \t\xa0]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", lines).strip()
