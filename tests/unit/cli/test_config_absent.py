"""What is said about a key that the file does not set."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clawfleet.cli.config_absent import UnknownPath, Unset, not_there
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.path import parse_path


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("gateway.port", Unset),
        ("meta.lastTouchedVersion", Unset),
        ("agents.list[3]", Unset),
        ("gateway.reload.debounceMs", Unset),
        ("gateway.nope", UnknownPath),
        ("models.providers.x.models[-1]", UnknownPath),
    ],
)
def test_unset_and_unknown(instance: Instance, path: str, kind: type) -> None:
    """A key that could be set is not an unknown one."""
    assert isinstance(not_there(instance, parse_path(path)), kind)


def test_the_nearest_key_is_named_in_full(instance: Instance) -> None:
    """Ready to be typed."""
    assert not_there(instance, ("gateway", "auth", "tokne")).hint == "did you mean gateway.auth.token?"
    assert not_there(instance, ("zzzz",)).hint is None


def test_the_answer_takes_no_models(tmp_path: Path) -> None:
    """They take longer to load than the rest of the command together."""
    code = (
        "import sys, clawfleet.cli.main as m\n"
        "try: m.cli.main(['config', 'get', 'gateway.port'])\n"
        "except SystemExit as left: print(left.code, 'pydantic' in sys.modules)"
    )
    line = [sys.executable, "-c", code]
    done = subprocess.run(line, env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert done.stdout == "1 False\n", done.stderr
