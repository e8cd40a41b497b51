"""Markdown as models write it becomes text with styles, and nothing of it is lost."""

import pytest

from clawfleet.channels.markdown import Rich, Span, read_markdown


def styled(markdown: str) -> list[tuple[str, str, str]]:
    """(style, styled text, value) of every span."""
    rich = read_markdown(markdown)
    return [(span.style, rich.text[span.start : span.end], span.value) for span in rich.spans]


def test_inline_styles_nest_and_the_outer_one_comes_first() -> None:
    assert styled("**b *i* `c`** ~~s~~") == [
        ("bold", "b i c", ""),
        ("italic", "i", ""),
        ("code", "c", ""),
        ("strike", "s", ""),
    ]


def test_links_and_images_keep_their_target() -> None:
    assert styled("[x](http://a/b) ![alt](http://i)") == [("link", "x", "http://a/b"), ("link", "alt", "http://i")]


def test_a_code_block_keeps_its_language_and_every_character() -> None:
    assert styled("```py title\n  if a < b:\n\n    **no**\n```") == [("pre", "  if a < b:\n\n    **no**", "py")]


def test_line_breaks_and_blank_lines_stay_where_they_were() -> None:
    text = "Pairing code:\n```\nABC\n```\nAsk the owner.\n\nBye\nbye"
    assert read_markdown(text).text == "Pairing code:\nABC\nAsk the owner.\n\nBye\nbye"


def test_lists_have_bullets_numbers_and_indents() -> None:
    markdown = "1. one\n2. two\n   more\n   - deep\n     - deeper\n- other\n\n- loose"
    assert read_markdown(markdown).text == "1. one\n2. two\n  more\n  • deep\n    • deeper\n• other\n\n• loose"


def test_headings_are_bold_quotes_are_quotes_and_a_rule_is_a_line() -> None:
    assert styled("# Title\n\n> said\n> twice") == [("bold", "Title", ""), ("quote", "said\ntwice", "")]
    assert read_markdown("above\n---\nbelow").text == "above\n———\nbelow"


def test_a_table_is_code_with_aligned_columns() -> None:
    rich = read_markdown("| a | long |\n|---|---|\n| **1** | 2 |\n| 333 |  |")
    assert rich.text == "a   | long\n----+-----\n1   | 2\n333 |"
    assert [span.style for span in rich.spans] == ["pre"]


@pytest.mark.parametrize("text", ["a < b & c > d", "<b>raw</b>", "2 * 3 * 4", "snake_case_name", "C:\\dir", "x ~ y"])
def test_what_only_looks_like_markup_stays_as_it_is(text: str) -> None:
    assert read_markdown(text) == Rich(text)


def test_text_nested_deeper_than_the_parser_reads_is_kept_raw() -> None:
    text = "> " * 500 + "still here"
    assert "still here" in read_markdown(text).text


def test_a_slice_cuts_spans_at_its_edges_and_drops_those_outside() -> None:
    rich = Rich("abcdef", (Span(0, 4, "bold"), Span(1, 2, "italic"), Span(4, 6, "code")))
    assert rich.slice(2, 5) == Rich("cde", (Span(0, 2, "bold"), Span(2, 3, "code")))
