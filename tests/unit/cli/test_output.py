"""JSON documents and failures."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli.output import failure_envelope, print_failure, print_json
from clawfleet.core.errors import HostError


def test_json_keeps_letters_readable(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "Zoë"})
    assert capsys.readouterr().out == '{\n  "name": "Zoë"\n}\n'


def test_a_failure_is_one_line_and_its_mend_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    print_failure(HostError("port taken", hint="stop it\nor wait"), as_json=False)
    seen = capsys.readouterr()
    assert seen.out == ""
    assert seen.err == "✗ port taken\n  stop it\n  or wait\n"


def test_a_failure_with_json_also_has_the_envelope_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    print_failure(HostError("port taken"), as_json=True)
    seen = capsys.readouterr()
    assert json.loads(seen.out) == {"ok": False, "error": {"type": "cli_error", "message": "port taken"}}
    assert seen.err == "✗ port taken\n"


def test_an_envelope_can_carry_more() -> None:
    assert failure_envelope("bad", valid=False)["valid"] is False
