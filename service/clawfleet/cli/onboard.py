"""`openclaw onboard`: from nothing to a gateway that answers; asks on a terminal, goes by flags without one.

What the config says already stays, but for what was decided. Source: config-and-cli §10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.onboard_flags import answers_of, takes_onboard_flags, wants_service
from clawfleet.cli.output import print_json
from clawfleet.cli.setup_answers import Answers
from clawfleet.cli.setup_apply import Applied, apply, auth_mode
from clawfleet.core.errors import RequestError
from clawfleet.core.ids import new_token

RISK = "An agent with tools can read, change and run what you can. Continue only if you know whom you let talk to it."


class RiskNotAccepted(RequestError):
    """Nobody is there to be told of the risk, and nobody said so before."""

    code = "RISK_NOT_ACCEPTED"
    exit_code = 1


@click.command(
    "onboard",
    epilog="""\b
Examples:
  openclaw onboard
  openclaw onboard --non-interactive --accept-risk --auth-choice skip
  openclaw onboard --non-interactive --accept-risk --install-daemon \\
    --custom-base-url http://127.0.0.1:8317/v1 --custom-model-id qwen3""",
)
@takes_onboard_flags
@pass_cli
def command(cli: CliContext, flags: Mapping[str, Any], *, as_json: bool) -> None:
    """Set this instance up: model, gateway, workspace, channel, service."""
    from clawfleet.cli.setup_ask import is_terminal

    answers, installs = answers_of(flags), wants_service(flags)
    if flags["non_interactive"] or as_json or not is_terminal():
        if not flags["accept_risk"]:
            raise RiskNotAccepted(
                "Non-interactive setup requires explicit risk acknowledgement.",
                hint="openclaw onboard --non-interactive --accept-risk …",
            )
    else:
        answers, installs = _ask(cli, flags, answers, installs)
    done = apply(cli, with_secret(cli, answers), installs=bool(installs) and answers.mode == "local")
    if as_json:
        print_json(document(answers, flags, done, installs=bool(installs)))
    else:
        tell(cli, answers, done)


def with_secret(cli: CliContext, answers: Answers) -> Answers:
    """The answers with a token for the gateway, where it has no secret yet that clients could know."""
    snapshot = cli.snapshot
    auth = snapshot.config.gateway.auth
    names = ("OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD")
    known = auth.token or auth.password or auth.mode == "none" or any(snapshot.environ.get(name) for name in names)
    if answers.mode != "local" or answers.auth is not None or known:
        return answers
    click.echo("No gateway token found. Auto-generated one and saving to config.", err=True)
    return replace(answers, auth={"mode": "token", "token": new_token()})


def document(answers: Answers, flags: Mapping[str, Any], done: Applied, *, installs: bool) -> dict[str, Any]:
    """What is set up now, for scripts."""
    return {
        "ok": True,
        "mode": answers.mode,
        "workspace": str(done.workspace),
        "authChoice": flags["auth_choice"] or "skip",
        "model": done.model,
        "gateway": {"port": done.port, "bind": done.bind, "authMode": done.auth_mode},
        "installDaemon": installs,
        "skipHealth": bool(flags["skip_health"]),
    }


def tell(cli: CliContext, answers: Answers, done: Applied) -> None:
    """Print what is set up now, and what comes next."""
    instance = cli.instance
    openclaw = "openclaw" if instance.profile is None else f"openclaw --profile {instance.profile}"
    click.echo(f"Config: {instance.shown(instance.config_path)}{'' if done.config_changed else ' (unchanged)'}")
    if answers.mode == "remote":
        click.echo(f"Gateway: {answers.remote['url']}")
        click.echo(f"Next: {openclaw} status")
        return
    click.echo(f"Workspace: {instance.shown(done.workspace)}")
    click.echo(f"Gateway: port {done.port}, bind {done.bind}, auth {done.auth_mode}")
    click.echo(f"Model: {done.model}{f' (cannot answer: {done.model_problem})' if done.model_problem else ''}")
    for line in done.service_lines:
        click.echo(line)
    click.echo(f"Next: {openclaw} dashboard" if done.service_lines else f"Next: {openclaw} gateway run")


def _ask(
    cli: CliContext, flags: Mapping[str, Any], answers: Answers, installs: bool | None
) -> tuple[Answers, bool | None]:
    """The questions that flags left open."""
    from clawfleet.cli import setup_ask

    if not flags["accept_risk"]:
        click.echo(RISK, err=True)
        click.confirm("Continue?", abort=True, err=True)
    if answers.mode == "remote":
        return answers, False
    gateway, instance = cli.snapshot.config.gateway, cli.instance
    click.echo(f"Clients will prove themselves by {auth_mode(cli.snapshot)}.", err=True)
    if answers.custom is None and answers.model is None and flags["auth_choice"] is None:
        answers = setup_ask.ask_model(answers)
    if answers.workspace is None:
        configured = cli.snapshot.config.agents.defaults.workspace
        answers = setup_ask.ask_workspace(answers, configured or instance.shown(instance.workspace))
    if answers.port is None and answers.bind is None:
        from clawfleet.config.env import gateway_port

        answers = setup_ask.ask_gateway(answers, port=gateway_port(instance, cli.snapshot.config)[0], bind=gateway.bind)
    if not flags["skip_channels"]:
        answers = setup_ask.ask_channels(answers)
    return answers, setup_ask.ask_service() if installs is None else installs
