"""docs/reference/rpc.md is what the methods say of themselves, and `make docs` writes every page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from clawfleet import rpc
from clawfleet.rpc.registry import collect
from clawfleet.server.broadcast import EVENTS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/rpc.md"


def test_every_page_is_up_to_date_and_the_generator_writes_them_all() -> None:
    """Run `make docs` after a change of methods, commands or config keys."""
    done = subprocess.run(
        [sys.executable, "-c", "from docs.reference.__main__ import PAGES\n"
         "for maker in PAGES: print(maker.PAGE.name, maker.page() == maker.PAGE.read_text(encoding='utf-8'))"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    pages = ("cli.md", "config.md", "key_index.json", "index.json", "rpc.md", "compatibility.md")
    assert done.stdout.split() == [word for name in pages for word in (name, "True")]


def test_every_method_and_event_stands_on_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in collect(rpc):
        assert f"### `{name}`\n" in page
    for name in EVENTS:
        assert f"| `{name}` |" in page


def test_every_link_leads_to_a_shape() -> None:
    page = PAGE.read_text(encoding="utf-8")
    headings = {match.lower() for match in re.findall(r"^### (\w+)$", page, re.MULTILINE)}
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= headings


def test_no_line_of_prose_is_wider_than_120() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if len(line) > 120 and not line.startswith("|")] == []
