"""docs/reference/config.md is what the models say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from clawfleet.config.shape import leaves
from clawfleet.config.unused import REFUSED, UNUSED

REFERENCE = Path(__file__).parents[2] / "docs/reference"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_config_page", REFERENCE / "make_config_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date() -> None:
    """Run `python docs/reference/make_config_page.py` after a change of the models."""
    assert (REFERENCE / "config.md").read_text(encoding="utf-8") == generator().page()


def test_every_key_stands_on_it() -> None:
    """Those acted on, those accepted without effect, those refused."""
    page = (REFERENCE / "config.md").read_text(encoding="utf-8")
    names = [name for name, _ in leaves()] + [*UNUSED, *REFUSED]
    assert [name for name in names if f"| `{name}` |" not in page] == []
