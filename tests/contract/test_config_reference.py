"""docs/reference/config.md and the key index are what the models say."""

from __future__ import annotations

from pathlib import Path

from clawfleet.config.shape import leaves
from clawfleet.config.unused import REFUSED, UNUSED
from docs.reference import make_config_page, make_key_index

REFERENCE = Path(__file__).parents[2] / "docs/reference"


def test_the_page_is_up_to_date() -> None:
    """Run `python docs/reference/make_config_page.py` after a change of the models."""
    assert (REFERENCE / "config.md").read_text(encoding="utf-8") == make_config_page.page()


def test_every_key_stands_on_it() -> None:
    """Those acted on, those accepted without effect, those refused."""
    page = (REFERENCE / "config.md").read_text(encoding="utf-8")
    names = [name for name, _ in leaves()] + [*UNUSED, *REFUSED]
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_the_key_index_is_up_to_date() -> None:
    """`config get` answers from it; `make docs` writes it."""
    assert make_key_index.PAGE.read_text(encoding="utf-8") == make_key_index.page()
