"""Telegram's HTML: nested properly, escaped everywhere, never longer than a message may be."""

import re
from html.parser import HTMLParser

import pytest

from clawfleet.channels.markdown import read_markdown
from clawfleet.channels.pairing_reply import pairing_reply
from clawfleet.channels.telegram.format import LIMIT, parts, to_html, units


class Balance(HTMLParser):
    """Fails on a tag that closes another than the last one opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> str:
    """The text of a message, after checking that its tags are balanced."""
    parser = Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser.text


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**b** *i* ~~s~~ `c`", "<b>b</b> <i>i</i> <s>s</s> <code>c</code>"),
        ("**b *i***", "<b>b <i>i</i></b>"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("[x](http://a/?b=1&c=2)", '<a href="http://a/?b=1&amp;c=2">x</a>'),
        ("[x](ftp://a)", "x"),
        (f"[x](http://{'a' * 2000})", "x"),
        ("```py\nx < 1\n```", '<pre><code class="language-py">x &lt; 1</code></pre>'),
        ('```"><b>\nx\n```', "<pre><code>x</code></pre>"),
        ("> a\n> > b", "<blockquote>a\nb</blockquote>"),
        ("# H", "<b>H</b>"),
    ],
)
def test_markdown_becomes_telegrams_html(markdown: str, html: str) -> None:
    assert to_html(read_markdown(markdown)) == html


def test_the_pairing_reply_looks_as_people_know_it() -> None:
    (part,) = parts(pairing_reply("telegram", "42", "64UTZXV9"))
    assert part.html == (
        "OpenClaw: access not configured.\n\nYour Telegram user id: 42\nPairing code:\n"
        "<pre><code>64UTZXV9</code></pre>\nAsk the bot owner to approve with:\n"
        "<pre><code>openclaw pairing approve telegram 64UTZXV9</code></pre>"
    )
    assert part.plain == read(part.html)


def test_length_is_counted_in_utf16() -> None:
    assert [units(text) for text in ("a", "é", "😀", "👩‍🔬")] == [1, 1, 2, 5]


def test_a_long_answer_with_emoji_escapes_and_styles_keeps_within_the_limit_and_its_order() -> None:
    paragraph = "Wörd 😀 & <tag> **bold _both_** and `code < here`. "
    markdown = "\n\n".join(f"{number}. {paragraph * (number % 40 + 1)}" for number in range(40))
    made = list(parts(markdown))
    assert all(0 < units(part.html) <= LIMIT for part in made)
    assert [read(part.html) for part in made] == [part.plain for part in made]
    everything = "".join("".join(part.plain for part in made).split())
    assert everything == "".join(read_markdown(markdown).text.split())
    assert len(made) < 2 * units(to_html(read_markdown(markdown))) / LIMIT


def test_a_cut_code_block_is_closed_and_opened_again_with_its_language() -> None:
    lines = [f"print({number})  # a < b" for number in range(600)]
    made = list(parts("Look:\n\n```python\n" + "\n".join(lines) + "\n```\n\nDone."))
    assert len(made) > 2
    for part in made:
        assert part.html.count('<pre><code class="language-python">') == part.html.count("</code></pre>") == 1
    assert re.findall(r"print\(\d+\)  # a < b", "\n".join(part.plain for part in made)) == lines


def test_a_smaller_limit_of_the_operator_is_kept() -> None:
    assert all(units(part.html) <= 50 for part in parts("word " * 100, 50))


@pytest.mark.parametrize("markdown", ["", "  \n", "```\n```"])
def test_nothing_to_say_gives_no_message(markdown: str) -> None:
    assert [part.plain for part in parts(markdown) if not part.plain.strip()] == []
