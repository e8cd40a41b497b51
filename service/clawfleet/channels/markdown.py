"""Markdown, as models write it, read into plain text with styled spans: the one form that every channel renders from.

A channel turns a `Rich` into its own markup (HTML, mrkdwn, style ranges, nothing) after `chunks.py` has cut it, so
that no cut ever falls inside a tag and a cut code block is closed and opened again by itself. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # 80 ms to import; paid with the first message that is sent
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

Style = Literal["bold", "italic", "strike", "code", "pre", "link", "quote"]

INLINE_STYLES: dict[str, Style] = {"strong": "bold", "em": "italic", "s": "strike"}
BULLET = "• "
RULE = "———"
MAX_NESTING = 100


@dataclass(frozen=True, slots=True)
class Span:
    """A style over `text[start:end]`. `value` is the target of a link, the language of a `pre`."""

    start: int
    end: int
    style: Style
    value: str = ""


@dataclass(frozen=True, slots=True)
class Rich:
    """Text with styles. Spans nest properly and an outer one stands before the ones inside it."""

    text: str
    spans: tuple[Span, ...] = ()

    def slice(self, start: int, end: int) -> Rich:
        """`text[start:end]` with the parts of the spans that fall into it."""
        cut = (
            Span(max(span.start, start) - start, min(span.end, end) - start, span.style, span.value)
            for span in self.spans
            if span.start < end and span.end > start
        )
        return Rich(self.text[start:end], tuple(cut))


def read_markdown(source: str) -> Rich:
    """What `source` says, without its markup. Never fails: text that is no Markdown stays as it is.

    Line breaks and blank lines stay where the author put them; raw HTML is text.
    """
    from markdown_it.tree import SyntaxTreeNode

    writer = _Writer(source)
    writer.blocks(SyntaxTreeNode(_parser().parse(source)).children)
    rich = writer.result()
    return rich if rich.text.strip() else Rich(source)  # nested deeper than the parser reads: better raw than lost


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    # `text\n---` is a separator in what models write, hardly ever a heading.
    return parser.enable(["table", "strikethrough"]).disable("lheading")


class _Writer:
    """Walks the syntax tree and collects text and spans."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines()
        self._text: list[str] = []
        self._length = 0
        self._spans: list[Span | None] = []
        self._indent = ""

    def result(self) -> Rich:
        return Rich("".join(self._text), tuple(span for span in self._spans if span and span.end > span.start))

    def blocks(self, nodes: Sequence[SyntaxTreeNode]) -> None:
        for index, node in enumerate(nodes):
            if index:
                self._add("\n\n" if self._blank_before(node) else "\n")
                if node.type not in {"fence", "code_block", "table"}:
                    self._add(self._indent)
            self._block(node)

    def _blank_before(self, node: SyntaxTreeNode) -> bool:
        line = node.map[0] - 1 if node.map else -1
        return 0 <= line < len(self._lines) and not self._lines[line].strip(" \t>")

    def _block(self, node: SyntaxTreeNode) -> None:
        match node.type:
            case "heading":
                with self._styled("bold"):
                    self._inline(node.children)
            case "blockquote":
                with self._styled("quote"):
                    self.blocks(node.children)
            case "bullet_list" | "ordered_list":
                self._list(node)
            case "fence" | "code_block":
                with self._styled("pre", node.info.split(maxsplit=1)[0] if node.info.strip() else ""):
                    self._add(node.content.removesuffix("\n"))
            case "table":
                with self._styled("pre"):
                    self._add(_table(node))
            case "hr":
                self._add(RULE)
            case _:
                self._inline(node.children)

    def _list(self, node: SyntaxTreeNode) -> None:
        outer = self._indent
        for index, item in enumerate(node.children):
            if index:
                self._add(("\n\n" if self._blank_before(item) else "\n") + outer)
            self._add(BULLET if node.type == "bullet_list" else f"{item.info}{item.markup} ")
            self._indent = outer + "  "
            self.blocks(item.children)
            self._indent = outer

    def _inline(self, nodes: Sequence[SyntaxTreeNode]) -> None:
        for node in nodes:
            match node.type:
                case "strong" | "em" | "s":
                    with self._styled(INLINE_STYLES[node.type]):
                        self._inline(node.children)
                case "link":
                    with self._styled("link", str(node.attrs.get("href", ""))):
                        self._inline(node.children)
                case "image":
                    with self._styled("link", str(node.attrs.get("src", ""))):
                        self._add(node.content or str(node.attrs.get("src", "")))
                case "code_inline":
                    with self._styled("code"):
                        self._add(node.content)
                case "softbreak" | "hardbreak":
                    self._add("\n" + self._indent)
                case "inline":
                    self._inline(node.children)
                case _:
                    self._add(node.content)

    @contextmanager
    def _styled(self, style: Style, value: str = "") -> Iterator[None]:
        place, start = len(self._spans), self._length
        self._spans.append(None)  # keeps the outer span before the inner ones
        yield
        self._spans[place] = Span(start, self._length, style, value)

    def _add(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)


def _table(node: SyntaxTreeNode) -> str:
    """The table as lines of equally wide columns: no chat shows real tables."""
    rows = [[_plain(cell) for cell in row.children] for part in node.children for row in part.children]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-+-".join("-" * width for width in widths), *lines[1:]])


def _plain(node: SyntaxTreeNode) -> str:
    return "".join(_plain(child) for child in node.children) if node.children else node.content
