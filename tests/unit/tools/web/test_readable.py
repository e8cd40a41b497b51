"""Pages as text."""

from __future__ import annotations

import subprocess
import sys

import pytest

from clawfleet.tools.web.readable import Mode, Readable, is_textual, read_page
from clawfleet.tools.web.reply import Reply

STORY = "<p>Some <b>bold</b> words and <a href='/more'>a link</a>, and enough of them to be a story, with commas.</p>"
PAGE = (
    "<html><head><title>A &amp; B</title><style>p {color: red}</style></head><body>"
    "<nav>Menu Home About</nav><article><h1>Head</h1>"
    + STORY * 12
    + "</article><script>alert(1)</script><footer>Imprint</footer></body></html>"
)


def read(
    body: bytes | str, kind: str = "text/html", charset: str | None = None, mode: Mode = "markdown", **over: bool
) -> Readable:
    data = body if isinstance(body, bytes) else body.encode()
    page = read_page(Reply("http://a.test/dir/x", 200, kind, charset, data), mode=mode, **({"main_text": True} | over))
    assert page is not None
    return page


def test_an_article_is_read_without_what_is_around_it() -> None:
    """As Markdown, links made whole."""
    page = read(PAGE)
    assert (page.title, page.extractor) == ("A & B", "readability")
    assert page.text.startswith("# Head")
    assert "**bold**" in page.text
    assert "[a link](http://a.test/more)" in page.text
    assert not {"Menu", "alert", "Imprint", "color"} & set(page.text.split())


def test_plain_text_has_no_markup() -> None:
    page = read(PAGE, mode="text")
    assert page.text.startswith("Head\n")
    assert "Some bold words and a link," in page.text
    assert "http" not in page.text


def test_the_whole_page_can_be_asked_for() -> None:
    """And a page without a story is shown whole anyway."""
    page = read(PAGE, main_text=False)
    assert (page.extractor, "alert" in page.text, "bold" in page.text) == ("html", False, True)
    assert read("<html><body>tiny <p>x</p></body></html>") == Readable("tiny\n\nx", None, "html")


def test_nothing_and_nonsense_are_read_as_little() -> None:
    """No body, no markup, markup without end: an answer, not a crash."""
    assert read("").text == ""
    assert read("just words").text == "just words"
    assert read("<div>" * 50_000 + "deep").extractor == "html"
    assert read("<p>" * 3000 + "end").text == "end"


@pytest.mark.parametrize("mode", ["markdown", "text"])
def test_tables_and_lists_stay_readable(mode: Mode) -> None:
    page = read("<body><ul><li>one<li>two</ul><table><tr><th>x<th>y<tr><td>1<td>2</table></body>", mode=mode)
    assert "- one\n- two" in page.text
    assert "| 1 | 2 |" in page.text


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("grün".encode("latin-1"), "iso-8859-1"),
        (b'<meta charset="windows-1252"><p>' + "grün".encode("cp1252"), None),
        ("grün".encode(), "no-such-charset"),
        ("<p>grün".encode(), None),
    ],
)
def test_letters_arrive_whole(body: bytes, charset: str | None) -> None:
    """By the header, the page's own word, or UTF-8."""
    assert read(body, charset=charset).text == "grün"


def test_json_is_laid_out() -> None:
    assert read('{"a":[1]}', "application/json").text == '{\n  "a": [\n    1\n  ]\n}'
    assert read('{"a":', "application/json").extractor == "raw"


def test_text_stays_as_it_is() -> None:
    assert read("# a\n\n\n\nb ", "text/markdown") == Readable("# a\n\n\n\nb ", None, "raw")


def test_a_body_of_bytes_is_no_text() -> None:
    reply = Reply("http://a.test/", 200, "text/plain", None, b"\x00\x01\x02")
    assert read_page(reply, mode="text", main_text=True) is None


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        *[(kind, True) for kind in ("text/html", "text/css", "application/json", "application/ld+json")],
        *[(kind, True) for kind in ("application/xhtml+xml", "application/rss+xml", "application/octet-stream")],
        *[(kind, False) for kind in ("image/png", "application/pdf", "application/zip", "video/mp4")],
    ],
)
def test_kinds(kind: str, shown: bool) -> None:
    assert is_textual(kind) is shown


def test_the_libraries_wait_for_the_first_page() -> None:
    code = (
        "import sys, clawfleet.tools.web.fetch, clawfleet.tools.web.search;"
        "print({'lxml', 'readability', 'markdownify', 'bs4', 'aiohttp'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
