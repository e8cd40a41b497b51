"""The questions of `onboard`, answered line by line."""

from __future__ import annotations

from collections.abc import Callable

import click
from click.testing import CliRunner

from clawfleet.cli import setup_ask
from clawfleet.cli.setup_answers import Answers, CustomProvider
from clawfleet.models.presets import PRESETS
from tests.unit.models.test_discovery import Server


def answered(ask: Callable[[], object], *lines: str) -> tuple[object, str]:
    """What the questions came to, and what was printed on stdout."""
    found: list[object] = []
    result = CliRunner().invoke(click.Command("x", callback=lambda: found.append(ask())), input="\n".join(lines) + "\n")
    assert result.exit_code == 0, result.output
    return found[0], result.stdout


def test_keeping_the_model_decides_nothing() -> None:
    assert answered(lambda: setup_ask.ask_model(Answers()), "") == (Answers(), "")


def test_a_known_provider_wants_its_key() -> None:
    name, preset = next((name, preset) for name, preset in PRESETS.items() if preset.models)
    found, stdout = answered(lambda: setup_ask.ask_model(Answers()), name, "sk-1234", "")
    assert found == Answers(model=f"{name}/{preset.models[0].id}", variables={preset.key_names[0]: "sk-1234"})
    assert stdout == ""


def test_a_server_of_ones_own_names_its_models() -> None:
    server = Server()
    try:
        found, _ = answered(lambda: setup_ask.ask_model(Answers()), "custom", "nonsense", server.url, "k-12345678", "")
    finally:
        server.close()
    assert found == Answers(custom=CustomProvider(server.url, "a", "k-12345678"))
    gone, _ = answered(lambda: setup_ask.ask_custom(Answers()), "http://127.0.0.1:1/v1", "", "m")
    assert gone == Answers(custom=CustomProvider("http://127.0.0.1:1/v1", "m", None))


def test_what_stays_as_it_is_is_not_decided() -> None:
    same, _ = answered(lambda: setup_ask.ask_gateway(Answers(), port=18789, bind="loopback"), "", "")
    assert same == Answers()
    other, _ = answered(lambda: setup_ask.ask_gateway(Answers(), port=18789, bind="custom"), "1234", "lan")
    assert other == Answers(port=1234, bind="lan")
    assert answered(lambda: setup_ask.ask_workspace(Answers(), "~/w"), "")[0] == Answers()
    assert answered(lambda: setup_ask.ask_workspace(Answers(), "~/w"), "~/x")[0] == Answers(workspace="~/x")


def test_a_bot_token_goes_into_env() -> None:
    assert answered(lambda: setup_ask.ask_channels(Answers()), "")[0] == Answers()
    assert answered(lambda: setup_ask.ask_channels(Answers()), "12:ab")[0] == Answers(
        channel=("telegram", {"botToken": "${TELEGRAM_BOT_TOKEN}"}), variables={"TELEGRAM_BOT_TOKEN": "12:ab"}
    )
    assert answered(setup_ask.ask_service, "n")[0] is False
