"""The table of tools: what it names exists, and a tool that cannot work somewhere is not offered there."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from clawfleet.config.models.root import Config
from clawfleet.tools import table
from clawfleet.tools.registry import ToolBox


@pytest.mark.parametrize("place", table.TOOLS.values())
def test_every_line_of_the_table_names_a_function(place: str) -> None:
    module, _, name = place.partition(":")
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize(("name", "why"), table.WHY_ABSENT.items())
def test_why_a_tool_is_absent_is_said_to_people(name: str, why: str) -> None:
    assert name in table.TOOLS and " " in why


def test_a_tool_that_cannot_work_here_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its factory says so with None; neither a session nor the catalogue has it then."""
    monkeypatch.setattr("clawfleet.tools.runtime.exec.for_seat", lambda seat: None)
    box = ToolBox(config=Config(), instance_id="one", state_dir=tmp_path, environ={"PATH": os.environ["PATH"]})
    assert "exec" not in box.offered("main", "agent:main:main")
    assert "exec" not in {spec.name for spec in box.specs()}


def test_no_tool_is_imported_for_the_table() -> None:
    """Start stays fast however many tools there are."""
    code = "import sys, clawfleet.tools.registry; print('clawfleet.tools.runtime.exec' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
