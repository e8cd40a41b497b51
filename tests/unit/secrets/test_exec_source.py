"""Secrets from a program: what it is asked, what it may say, and who may have put it there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from clawfleet.secrets.exec_source import SecretProgram, ask_program
from clawfleet.secrets.file_source import SecretUnavailable

ECHO = """
import json, os, sys
asked = json.load(sys.stdin)
values = {name: f"{asked['provider']}-{name}-{os.environ.get('SEEN')}-{os.environ.get('HIDDEN')}"
          for name in asked["ids"] if name != "missing"}
print(json.dumps({"protocolVersion": 1, "values": values, "errors": {"missing": {"code": "NOT_FOUND"}}}))
"""


def program(tmp_path: Path, source: str, **over: Any) -> SecretProgram:
    file = tmp_path / "tool"
    file.write_text(f"#!{sys.executable}\n{source}", encoding="utf-8")
    file.chmod(0o700)
    return SecretProgram("p", **({"command": file} | over))


def test_all_ids_are_asked_for_at_once(tmp_path: Path) -> None:
    tool = program(tmp_path, ECHO, pass_env=("SEEN",))
    answer = ask_program(tool, ["a/b", "missing"], {"SEEN": "s", "HIDDEN": "h"})
    assert answer == {"a/b": "p-a/b-s-None"}


def test_a_program_that_prints_the_secret(tmp_path: Path) -> None:
    assert ask_program(program(tmp_path, "print('plain')", json_only=False), ["x"], {}) == {"x": "plain"}
    with pytest.raises(SecretUnavailable, match="did not answer in JSON"):
        ask_program(program(tmp_path, "print('plain')"), ["x"], {})


@pytest.mark.parametrize(
    ("source", "over", "told"),
    [
        ("raise SystemExit(3)", {}, "ended with 3"),
        ("print('{}')", {}, "does not speak version 1"),
        ("print('x' * 100)", {"max_output_bytes": 50, "json_only": False}, "more than 50 bytes"),
        ("import time; time.sleep(60)", {"timeout_ms": 100}, "within 100 ms"),
        ("", {"trusted_dirs": (Path("/nowhere"),)}, "outside its trustedDirs"),
        ("", {"command": Path("tool")}, "not a whole path"),
        ("", {"command": Path("/nowhere/tool")}, "cannot run"),
    ],
)
def test_a_program_that_fails(tmp_path: Path, source: str, over: dict[str, Any], told: str) -> None:
    with pytest.raises(SecretUnavailable, match=told):
        ask_program(program(tmp_path, source, **over), ["x"], {})


def test_a_program_that_others_may_change_is_not_run(tmp_path: Path) -> None:
    tool = program(tmp_path, ECHO)
    tool.command.chmod(0o777)
    with pytest.raises(SecretUnavailable, match="nobody else may change"):
        ask_program(tool, ["x"], {})
