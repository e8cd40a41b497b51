"""`openclaw configure`: the questions of `onboard`, section by section, for an instance that is set up."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import tell
from clawfleet.cli.setup_answers import Answers
from clawfleet.core.errors import RequestError

SECTIONS = ("workspace", "model", "gateway", "channels", "daemon", "health")


class NoTerminal(RequestError):
    """There is nobody to ask."""

    code = "NO_TERMINAL"
    exit_code = 1


@click.command("configure", epilog="\b\nExamples:\n  openclaw configure --section model --section gateway")
@click.option(
    "--section", "sections", multiple=True, type=click.Choice(SECTIONS), help="Only this one; may be repeated."
)
@pass_cli
def command(cli: CliContext, sections: tuple[str, ...]) -> None:
    """Ask for model, gateway, workspace, channels and service, and keep what is answered."""
    from clawfleet.cli import onboard, setup_ask
    from clawfleet.cli.setup_apply import apply

    if not setup_ask.is_terminal():
        raise NoTerminal(
            "configure asks questions and needs a terminal.",
            hint="in scripts: openclaw config set <key> <value>, or openclaw onboard --non-interactive --accept-risk",
        )
    wanted = sections or _choose()
    answers = Answers(mode=cli.snapshot.config.gateway.mode or "local")
    for section in wanted:
        answers = _asked(cli, section, answers)
    installs = "daemon" in wanted and setup_ask.ask_service()
    done = apply(cli, onboard.with_secret(cli, answers), installs=installs)
    onboard.tell(cli, answers, done)
    if "health" in wanted:
        tell("Is it well? openclaw health · openclaw doctor")


def _choose() -> tuple[str, ...]:
    text = click.prompt("Sections, separated by commas", default="model,gateway,channels", err=True)
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if unknown := [name for name in names if name not in SECTIONS]:
        raise RequestError(f"no such section: {', '.join(unknown)}", hint=f"there are: {', '.join(SECTIONS)}")
    return names


def _asked(cli: CliContext, section: str, answers: Answers) -> Answers:
    from clawfleet.cli import setup_ask
    from clawfleet.config.env import gateway_port

    config, instance = cli.snapshot.config, cli.instance
    if section == "workspace":
        shown = config.agents.defaults.workspace or instance.shown(instance.workspace)
        return setup_ask.ask_workspace(answers, shown)
    if section == "model":
        return setup_ask.ask_model(answers)
    if section == "gateway":
        return setup_ask.ask_gateway(answers, port=gateway_port(instance, config)[0], bind=config.gateway.bind)
    return setup_ask.ask_channels(answers) if section == "channels" else answers
