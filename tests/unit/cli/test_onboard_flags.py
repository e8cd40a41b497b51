"""What the flags of `onboard` decide."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from clawfleet.cli.onboard_flags import BadChoice, answers_of, takes_onboard_flags, wants_service
from clawfleet.cli.setup_answers import Answers, CustomProvider


def flags_of(*args: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    def work(flags: dict[str, Any], as_json: bool) -> None:
        found.append(flags)

    command = click.command("x")(takes_onboard_flags(work))
    result = CliRunner().invoke(command, list(args))
    assert result.exit_code == 0, result.output
    return found[0]


def test_nothing_decides_nothing() -> None:
    assert answers_of(flags_of("--skip-skills")) == Answers()
    assert wants_service(flags_of()) is None
    assert wants_service(flags_of("--install-daemon")) is True
    assert wants_service(flags_of("--install-daemon", "--skip-daemon")) is False


def test_a_server_of_ones_own() -> None:
    flags = flags_of(
        *("--custom-base-url", "http://x/v1", "--custom-model-id", "m", "--custom-compatibility", "openai-responses"),
        *("--custom-api-key", "k", "--custom-provider-id", "mine", "--secret-input-mode", "plaintext"),
    )
    answers = answers_of(flags)
    assert answers.custom == CustomProvider("http://x/v1", "m", "k", "mine", "openai-responses")
    assert answers.keeps_keys_in_config


def test_a_known_provider_by_its_key_alone() -> None:
    answers = answers_of(flags_of("--openai-api-key", "sk-1"))
    assert (answers.variables, (answers.model or "").startswith("openai/")) == ({"OPENAI_API_KEY": "sk-1"}, True)
    assert answers_of(flags_of("--auth-choice", "openai-api-key")).variables == {}
    assert answers_of(flags_of("--auth-choice", "skip", "--openai-api-key", "sk-1")).model is None


def test_how_clients_come_in() -> None:
    assert answers_of(flags_of("--gateway-token", "t")).auth == {"mode": "token", "token": "t"}
    assert answers_of(flags_of("--gateway-token-ref-env", "T")).auth == {"mode": "token", "token": "${T}"}
    assert answers_of(flags_of("--gateway-password", "p")).auth == {"mode": "password", "password": "p"}
    remote = answers_of(flags_of("--mode", "remote", "--remote-url", "wss://x", "--remote-token", "t"))
    assert (remote.mode, remote.remote) == ("remote", {"url": "wss://x", "token": "t"})


@pytest.mark.parametrize(
    "args",
    [
        ("--mode", "remote"),
        ("--gateway-auth", "password"),
        ("--auth-choice", "custom-api-key"),
        ("--auth-choice", "comfy-api-key"),
    ],
)
def test_half_an_answer_is_refused(args: tuple[str, ...]) -> None:
    with pytest.raises(BadChoice):
        answers_of(flags_of(*args))
