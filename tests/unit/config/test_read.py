"""A config text as a tree, without its models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clawfleet.config.env import resolve_instance
from clawfleet.config.read import ConfigInvalid, expanded, includes_of, parse_text


def test_a_text_that_is_no_config_is_explained(tmp_path: Path) -> None:
    for text, told in (("{ a: ", "JSON5 parse failed"), ("[1]", "expected object, received array")):
        with pytest.raises(ConfigInvalid, match=told):
            parse_text(text, tmp_path / "openclaw.json")


def test_includes_are_in_their_places(tmp_path: Path) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    more = instance.config_path.with_name("more.json5")
    assert expanded(instance, "{a: {$include: './more.json5'}}", {more: "{b: 1}"}) == {"a": {"b": 1}}
    with pytest.raises(ConfigInvalid, match="expected object, received array"):
        expanded(instance, "{$include: './more.json5'}", {more: "[1]"})
    assert includes_of(instance, {more: "x"}).text_of(more) == "x"


def test_it_costs_no_models() -> None:
    """`config get` is asked by scripts, many times over."""
    code = "import sys, clawfleet.config.read; print('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
