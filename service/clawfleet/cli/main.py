"""`openclaw`: the table of command families, and the one place where a failure becomes text and an exit code.

A family is one module of this package with its click command in the attribute `command`; it is imported when it is
typed. Commands raise GatewayError; they never print a failure themselves and never call sys.exit.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from clawfleet import __version__
from clawfleet.cli.context import CliContext, take_root_flags
from clawfleet.cli.families import Family, Lazy
from clawfleet.cli.output import addressed, print_failure, usage_message
from clawfleet.core.errors import GatewayError, RequestError

FAMILIES = {
    "onboard": Lazy("clawfleet.cli.onboard", "Set this instance up, from nothing to a gateway that answers."),
    "setup": Lazy("clawfleet.cli.setup", "Make config and workspace, without a question."),
    "configure": Lazy("clawfleet.cli.configure", "Ask for model, gateway, channels and service."),
    "gateway": Lazy("clawfleet.cli.gateway", "Run the gateway, ask how it is, call its methods."),
    "daemon": Lazy("clawfleet.cli.daemon", "The service verbs of `gateway`, by another name."),
    "status": Lazy("clawfleet.cli.status", "One page about this instance."),
    "health": Lazy("clawfleet.cli.health", "Ask the running gateway how it is."),
    "agent": Lazy("clawfleet.cli.agent", "Say something to an agent and print its answer."),
    "agents": Lazy("clawfleet.cli.agents", "List, add and delete agents; say who answers where."),
    "dashboard": Lazy("clawfleet.cli.dashboard", "Open the Control UI, signed in."),
    "logs": Lazy("clawfleet.cli.logs", "Show the gateway's log."),
    "config": Lazy("clawfleet.cli.config", "Read, change and check the config file."),
    "pairing": Lazy("clawfleet.cli.pairing", "List and approve people who wrote to a channel."),
    "sessions": Lazy("clawfleet.cli.sessions", "List the conversations that the gateway keeps."),
    "models": Lazy("clawfleet.cli.models", "Models: which there are, which are used, and their names."),
    "system": Lazy("clawfleet.cli.system", "Who is connected to the gateway."),
    "devices": Lazy("clawfleet.cli.devices", "Approve, remove and rename devices; rotate and revoke their tokens."),
    "channels": Lazy("clawfleet.cli.channels", "Messaging channels: set up, looked at, taken away."),
    "sandbox": Lazy("clawfleet.cli.sandbox", "The containers that agents' tools run in."),
    "message": Lazy("clawfleet.cli.message", "Send to people on the gateway's channels."),
    "cron": Lazy("clawfleet.cli.cron", "The automations of the running gateway."),
    "skills": Lazy("clawfleet.cli.skills", "The instructions that agents find as files."),
    "approvals": Lazy("clawfleet.cli.approvals", "Rules for commands on this host, and what waits for a yes."),
    "exec-approvals": Lazy("clawfleet.cli.approvals", "Another name for approvals."),
    "exec-policy": Lazy("clawfleet.cli.exec_policy", "Config and rules for commands in one step."),
    "tools": Lazy("clawfleet.cli.tools", "Which tools agents have, and why."),
    "doctor": Lazy("clawfleet.cli.doctor", "Say what is wrong with this instance, and mend it."),
    "security": Lazy("clawfleet.cli.security", "Look for openings."),
    "fleet": Lazy("clawfleet.cli.fleet", "Many gateways on many hosts, from one file."),
    "backup": Lazy("clawfleet.cli.backup", "Config, keys and state as one file, and back."),
    "reset": Lazy("clawfleet.cli.reset", "Remove config, credentials, sessions or everything of this instance."),
    "uninstall": Lazy("clawfleet.cli.uninstall", "Remove the service, the state, the workspaces, as asked."),
    "completion": Lazy("clawfleet.cli.completion", "Complete this command line in bash, zsh and fish."),
    "secrets": Lazy("clawfleet.cli.secrets", "Keep secrets, and find those in the wrong place."),
}

# What OpenClaw 2026.9.6 has and this gateway has not. Source: config-and-cli §10.
_ABSENT = """
acp browser claws directory dns docs hooks mcp memory node nodes plugins proxy
qr tasks triage tui update usage webhooks
"""
UNSUPPORTED = frozenset(_ABSENT.split())


class ReaderLeft(Exception):
    """Nobody reads the output any more."""


class UsageMistake(RequestError):
    """The command line has something missing, unknown or of the wrong kind."""

    code = "USAGE"


class Root(Family):
    """The `openclaw` command: maps every outcome to an exit code, so that no traceback reaches a person."""

    def main(  # type: ignore[override]  # click's overloads; this one always exits
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        obj: CliContext | None = None,
        **_: Any,
    ) -> NoReturn:
        """Run one command line and exit. `obj` replaces the context in tests."""
        line = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in line
        try:
            sys.exit(self._run(line, obj))
        except GatewayError as error:
            print_failure(error, as_json=as_json)
            sys.exit(error.exit_code)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            sys.exit(0)
        except click.UsageError as error:
            usage = error.ctx.get_usage() if error.ctx else ""
            print_failure(UsageMistake(usage_message(error), hint=usage or None), as_json=as_json)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            print_failure(RequestError(error.format_message()), as_json=as_json)
            sys.exit(error.exit_code)
        except (KeyboardInterrupt, click.Abort):
            sys.exit(130)
        except ReaderLeft:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            sys.exit(0)  # `openclaw status | head -1`: whoever read has seen enough
        except Exception as error:  # the last door: anything that comes here is a bug
            print_failure(_internal(error), as_json=as_json)
            sys.exit(1)

    def _run(self, line: list[str], obj: CliContext | None) -> int:
        flags, rest = take_root_flags(line)
        context = obj or CliContext(profile=flags.profile, dev=flags.dev)
        if flags.no_color:
            context.color = False
        try:
            result = super().main(rest, prog_name="openclaw", standalone_mode=False, obj=context, color=context.color)
        except GatewayError as error:
            error.message = addressed(error.message, context.flags)
            error.hint = addressed("\n".join(_hints(error, context)), context.flags) or None
            raise
        return result if isinstance(result, int) else 0

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises ReaderLeft where click would end the program with its own exit code."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a reader that left is met here, and not after the last line of this program
        except BrokenPipeError as error:
            raise ReaderLeft from error
        return result


def _hints(error: GatewayError, context: CliContext) -> list[str]:
    """What mends a failure, and what the command had to go on without, which may be why it failed."""
    left_out = [f"note: {text}" for text in context.left_out if text not in error.message]
    return [error.hint, *left_out] if error.hint else left_out


def _internal(error: Exception) -> GatewayError:
    """What a person is told about a bug; the traceback goes to a private file of its own."""
    text = "".join(traceback.format_exception(error))
    handle, path = tempfile.mkstemp(prefix="openclaw-error-", suffix=".log")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return GatewayError(f"internal error ({type(error).__name__}); see {Path(path)}")


@click.group(
    cls=Root,
    table=FAMILIES,
    unsupported=UNSUPPORTED,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "-v", "--version", message="OpenClaw %(version)s (clawfleet)")
@click.option("--no-color", is_flag=True, envvar="NO_COLOR", help="Plain text, also on a terminal.")
@click.pass_context
def cli(ctx: click.Context, no_color: bool) -> None:
    """An OpenClaw-compatible gateway.

    --profile NAME and --dev (before the command) choose another instance: own state, port and log.
    """
    if no_color:
        ctx.color = False


def main() -> NoReturn:
    """The console script."""
    cli.main()
