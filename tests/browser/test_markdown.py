"""Markdown of an answer: what it looks like as elements, and that no text can become anything else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scripted import ScriptedGateway

pytestmark = pytest.mark.browser

RENDER = """async texts => {
    const { renderMarkdown } = await import("/assets/markdown.js");
    const box = document.createElement("div");
    for (const text of texts) renderMarkdown(box, text);
    return box.innerHTML.replace(/<button.*?<\\/button>/g, "");
}"""
LINK = 'target="_blank" rel="noopener noreferrer"'


@pytest.fixture
def page(scripted: ScriptedGateway) -> Page:
    """A page that can load the module."""
    return scripted.open()


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("one\ntwo\n\nthree", "<p>one\ntwo</p><p>three</p>"),
        (
            "**bold** and *slanted* and _so too_",
            "<p><strong>bold</strong> and <em>slanted</em> and <em>so too</em></p>",
        ),
        ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"),
        ("`a **b** <c>` and ``x`y``", "<p><code>a **b** &lt;c&gt;</code> and <code>x`y</code></p>"),
        ("snake_case_name, 2*3*4, ** nothing **", "<p>snake_case_name, 2*3*4, ** nothing **</p>"),
        ("# One\n### Three", "<h3>One</h3><h5>Three</h5>"),
        ("- a\n- b\n  - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
        ("3. c\n4. d", '<ol start="3"><li>c</li><li>d</li></ol>'),
        ("- a\n1. b", '<ul><li>a</li></ul><ol start="1"><li>b</li></ol>'),
        ("1. a\n\n   more\n2. b", '<ol start="1"><li>a<p>more</p></li><li>b</li></ol>'),
        ("> said\n> twice\nnot", "<blockquote><p>said\ntwice</p></blockquote><p>not</p>"),
        (
            "|a|b|\n|-|-|\n|1|`2`|",
            '<div class="table" tabindex="0"><table><thead><tr><th>a</th><th>b</th></tr></thead>'
            "<tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table></div>",
        ),
        ("a | b", "<p>a | b</p>"),
    ],
)
def test_marks_become_elements(page: Page, source: str, html: str) -> None:
    """What an agent writes looks as it meant it; what only resembles a mark stays text."""
    assert page.evaluate(RENDER, [source]) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("[docs](https://a.test/x?y=1_2_3)", f'<p><a href="https://a.test/x?y=1_2_3" {LINK}>docs</a></p>'),
        ("see https://a.test/p.", f'<p>see <a href="https://a.test/p" {LINK}>https://a.test/p</a>.</p>'),
        ("(http://a.test/b)", f'<p>(<a href="http://a.test/b" {LINK}>http://a.test/b</a>)</p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](JaVaScRiPt:alert)", "<p>[x](JaVaScRiPt:alert)</p>"),
        ("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>"),
        ("[x](//a.test)", "<p>[x](//a.test)</p>"),
        ("[x](/v1/models)", "<p>[x](/v1/models)</p>"),
        ("[x](https://)", "<p>[x](https://)</p>"),
    ],
)
def test_only_web_addresses_become_links(page: Page, source: str, html: str) -> None:
    """A link opens in a new tab that knows nothing of this one; every other scheme stays text."""
    assert page.evaluate(RENDER, [source]) == html


@pytest.mark.parametrize(
    "source",
    [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "**<b onclick=x>**",
        "`</code><script>`",
        "# <svg onload=x>",
        "- <iframe>",
        "| <i> | b |\n|---|---|\n| <b> | c |",
        "```<script>\n</pre><script>alert(1)</script>\n```",
        '[<img src=x>](https://a.test/"onmouseover=alert)',
    ],
)
def test_markup_in_the_source_stays_text(page: Page, source: str) -> None:
    """Nothing of the text is parsed as HTML."""
    foreign = """async source => {
        const { renderMarkdown } = await import("/assets/markdown.js");
        const box = document.createElement("div");
        renderMarkdown(box, source);
        const ours = "p strong em code pre h3 ul li a div span button svg use table thead tbody tr th td".split(" ");
        const isOurs = ({localName}) => ours.includes(localName);
        const all = [...box.querySelectorAll("*")];
        return all.filter(node => !isOurs(node) || [...node.attributes].some(({name}) => name.startsWith("on")))
            .map(node => node.outerHTML);
    }"""

    assert page.evaluate(foreign, source) == []


def test_a_fence_is_code_even_before_it_is_closed(page: Page) -> None:
    """While the answer streams, an open fence is a code block already; its marks mean nothing inside."""
    bar = '<div class="code-bar"><span>py</span></div>'
    code = f'<div class="code">{bar}<pre tabindex="0"><code>**x** = 1</code></pre></div>'

    assert page.evaluate(RENDER, ["```py\n**x** = 1"]) == code
    assert page.evaluate(RENDER, ["```py\n**x** = 1\n```\nafter"]) == f"{code}<p>after</p>"


def test_a_growing_text_keeps_the_blocks_above(page: Page) -> None:
    """Only the last block is built anew, so that a selection in an earlier one survives streaming."""
    kept = """async () => {
        const { renderMarkdown } = await import("/assets/markdown.js");
        const box = document.createElement("div");
        renderMarkdown(box, "one\\n\\ntw");
        const [first, second] = box.children;
        renderMarkdown(box, "one\\n\\ntwo\\n\\nthree");
        return [box.children[0] === first, box.children[1] === second, box.textContent];
    }"""

    assert page.evaluate(kept) == [True, False, "onetwothree"]


def test_the_end_of_a_shrinking_text_goes(page: Page) -> None:
    """A later, shorter text leaves nothing of the earlier one behind."""
    assert page.evaluate(RENDER, ["one\n\ntwo", "one"]) == "<p>one</p>"


def test_a_huge_text_is_shown_in_time(page: Page) -> None:
    """Half a megabyte of marks without ends does not hang the page."""
    took = """async () => {
        const { renderMarkdown } = await import("/assets/markdown.js");
        const box = document.createElement("div");
        const start = performance.now();
        for (const mark of ["**a ", "*a ", "_a ", "`a ", "[a", "> ", "- ", "|a|\\n|-"]) {
            renderMarkdown(box, mark.repeat(60000));
            renderMarkdown(box, Array(600).fill(mark.repeat(100)).join("\\n\\n"));
        }
        return performance.now() - start;
    }"""

    assert page.evaluate(took) < 5_000


def test_code_can_be_copied(scripted: ScriptedGateway) -> None:
    """The button puts the code on the clipboard, also on a plain-HTTP page, and says so."""
    page = scripted.open()
    run = scripted.say("code")
    scripted.chat(run, "final", "```sh\nmake run\nmake test\n```")

    page.get_by_role("button", name="Copy code").click()

    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    page.get_by_label("Message", exact=True).focus()
    page.keyboard.press("Control+V")
    expect(page.get_by_label("Message", exact=True)).to_have_value("make run\nmake test")
