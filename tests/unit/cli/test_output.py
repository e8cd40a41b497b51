"""JSON documents and failures."""

from __future__ import annotations

import json

import click
import pytest

from clawfleet.cli.output import (
    addressed,
    age,
    failure_envelope,
    print_failure,
    print_json,
    usage_message,
)
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
    error = {"type": "cli_error", "message": "port taken", "code": "HOST_ERROR"}
    assert json.loads(seen.out) == {"ok": False, "error": error}
    assert seen.err == "✗ port taken\n"


def test_an_envelope_can_carry_more() -> None:
    assert failure_envelope(HostError("bad"), valid=False)["valid"] is False


def test_the_envelope_has_what_scripts_decide_by() -> None:
    """The code of whoever failed first counts: the gateway's, not the command's."""
    error = HostError("slow down", hint="wait", code="PROVIDER_RATE_LIMITED", status=429, retryAfterMs=2000, model="m")
    assert failure_envelope(error)["error"] == {
        "type": "cli_error",
        "message": "slow down",
        "code": "PROVIDER_RATE_LIMITED",
        "hint": "wait",
        "status": 429,
        "retryAfterMs": 2000,
    }


def test_a_failure_has_one_sign_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_failure(HostError("⚠️ API rate limit reached"), as_json=False)
    assert capsys.readouterr().err == "✗ API rate limit reached\n"


def test_text_from_elsewhere_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    print_failure(HostError("no\x1b[2J", hint="\x07"), as_json=False)
    assert capsys.readouterr().err == "✗ no\\u001b[2J\n  \\u0007\n"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--port", "abc"], "--port: abc is not a whole number from 1 to 65535"),
        (["--port", "70000"], "--port: 70000 is not a whole number from 1 to 65535"),
        (["--wait", "x"], "--wait: x is not a whole number of at least 1"),
        ([], "Missing argument: NAME"),
        (["--kind", "c"], "Invalid value for '--kind': 'c' is not one of 'a', 'b'."),
    ],
)
def test_a_wrong_command_line_is_told_in_plain_words(args: list[str], words: str) -> None:
    @click.command()
    @click.argument("name")
    @click.option("--port", "-p", type=click.IntRange(1, 65535))
    @click.option("--wait", type=click.IntRange(min=1))
    @click.option("--kind", type=click.Choice(["a", "b"]))
    def command(**_: object) -> None:
        raise AssertionError

    with pytest.raises(click.UsageError) as caught:
        command.main(args, standalone_mode=False)
    assert usage_message(caught.value) == words


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d"), (-5, "0 s")]
)
def test_age_is_told_in_its_largest_unit(seconds: int, text: str) -> None:
    assert age((1_000_000 - seconds) * 1000, now_s=1_000_000) == text


@pytest.mark.parametrize(
    ("text", "addressed_text"),
    [
        ("start it: openclaw gateway run", "start it: openclaw --profile ops gateway run"),
        ("openclaw a, or openclaw b", "openclaw --profile ops a, or openclaw --profile ops b"),
        ("openclaw --profile <name> x", "openclaw --profile <name> x"),
        ("/opt/openclaw gateway, the openclaw.json", "/opt/openclaw gateway, the openclaw.json"),
    ],
)
def test_commands_mean_the_instance_that_was_typed(text: str, addressed_text: str) -> None:
    assert addressed(text, "--profile ops") == addressed_text
    assert addressed(text, "") == text
