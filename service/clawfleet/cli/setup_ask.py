"""The questions of `onboard` and `configure`. They go to stderr, secrets are not echoed, Ctrl-C changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

import click

from clawfleet.cli.setup_answers import Answers, BadUrl, CustomProvider, provider_id_of
from clawfleet.core.errors import GatewayError
from clawfleet.models.presets import PRESETS

KEEP, CUSTOM = "keep", "custom"
BINDS = ("loopback", "lan", "tailnet", "auto")
MOST_MODELS = 20


def is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def ask_model(answers: Answers) -> Answers:
    """Which model answers: as it is, a server of one's own, or a provider known by name."""
    click.echo("Model: `keep` what is set (else a built-in demo answers), `custom` for a server of your own,", err=True)
    click.echo(f"or one of: {', '.join(PRESETS)}", err=True)
    choice = click.prompt(
        "Model provider", type=click.Choice([KEEP, CUSTOM, *PRESETS]), default=KEEP, show_choices=False, err=True
    )
    if choice == KEEP:
        return answers
    return ask_custom(answers) if choice == CUSTOM else ask_preset(answers, choice)


def ask_preset(answers: Answers, name: str) -> Answers:
    """A provider known by name wants a key and nothing else."""
    preset = PRESETS[name]
    key = _secret(f"{name} key (empty: keep what is set)")
    model = f"{name}/{preset.models[0].id}" if preset.models else None
    model = click.prompt("Model", default=model, err=True) if model else click.prompt("Model", err=True)
    ref = model if model.startswith(f"{name}/") else f"{name}/{model}"
    variables = {preset.key_names[0]: key} if key and preset.key_names else {}
    return replace(answers, model=ref, variables={**answers.variables, **variables})


def ask_custom(answers: Answers) -> Answers:
    """An OpenAI-compatible server: where it is, its key, and one of the models that it names."""
    while True:
        url = str(click.prompt("Address of the API (…/v1)", err=True)).strip()
        try:
            provider_id_of(url)
            break
        except BadUrl as error:
            click.echo(f"✗ {error.message}", err=True)
    key = _secret("Key (empty: none)") or None
    names = _offered(url, key)
    model = str(click.prompt("Model", default=names[0] if names else None, err=True)).strip()
    return replace(answers, custom=CustomProvider(url, model, key))


def ask_gateway(answers: Answers, *, port: int, bind: str) -> Answers:
    """Port and addresses of the gateway."""
    chosen = click.prompt("Gateway port", type=click.IntRange(1, 65535), default=port, err=True)
    where = click.prompt("Listen on", type=click.Choice(BINDS), default=bind if bind in BINDS else BINDS[0], err=True)
    return replace(
        answers,
        port=chosen if chosen != port else answers.port,
        bind=where if where != bind else answers.bind,
    )


def ask_workspace(answers: Answers, shown: str) -> Answers:
    """Where the default agent's files are."""
    place = str(click.prompt("Workspace of the agent", default=shown, err=True)).strip()
    return replace(answers, workspace=place) if place != shown else answers


def ask_channels(answers: Answers) -> Answers:
    """The token of the bot that people write to."""
    token = _secret("Telegram bot token (empty: none)")
    if not token:
        return answers
    variables = {**answers.variables, "TELEGRAM_BOT_TOKEN": token}
    return replace(answers, channel=("telegram", {"botToken": "${TELEGRAM_BOT_TOKEN}"}), variables=variables)


def ask_service() -> bool:
    """Whether the gateway is to run in the background."""
    return click.confirm("Run the gateway as a background service?", default=True, err=True)


def _secret(text: str) -> str:
    return str(click.prompt(text, hide_input=True, default="", show_default=False, err=True)).strip()


def _offered(url: str, key: str | None) -> Sequence[str]:
    """The models that the server names; none, and why, when it does not say."""
    from clawfleet.models.credentials import Credential
    from clawfleet.models.discovery import ask_offers
    from clawfleet.models.setups import ProviderSetup

    click.echo("Asking it for its models…", err=True)
    try:
        names = [offer.id for offer in ask_offers(ProviderSetup("it", url, "openai-completions", Credential(key)))]
    except GatewayError as error:
        click.echo(f"! {error.message}", err=True)
        return ()
    click.echo(f"It has: {', '.join(names[:MOST_MODELS])}{', …' if len(names) > MOST_MODELS else ''}", err=True)
    return names
