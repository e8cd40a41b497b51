"""`openclaw secrets set NAME`: a secret goes into `<stateDir>/.env`, past command lines and chats."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell
from clawfleet.core.errors import HostError
from clawfleet.secrets.dotenv import parse_dotenv
from clawfleet.secrets.dotenv_edit import set_variable
from clawfleet.store.files import private_dir, write_private


class EnvFileUnusable(HostError):
    """The `.env` file cannot be read or replaced."""

    code = "ENV_FILE_UNUSABLE"


@click.command(
    "set",
    epilog="""\b
Examples:
  openclaw secrets set OPENAI_API_KEY                  asks for it, unseen
  pass show openai | openclaw secrets set OPENAI_API_KEY""",
)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(cli: CliContext, name: str, *, as_json: bool) -> None:
    """Keep the secret NAME in the instance's .env file, readable by its owner only.

    It is asked for without echo, or read from standard input up to the first line end.
    """
    set_variable("", name, "x")  # a name that is none is refused before anybody types a secret
    value = _asked(name)
    file = cli.instance.state_dir / ".env"
    changed = keep(file, name, value)
    shown = cli.instance.shown(file)
    if as_json:
        print_json({"ok": True, "name": name, "file": str(file), "changed": changed, "reference": f"${{{name}}}"})
        return
    click.echo(f"{'Kept' if changed else 'No change:'} {name} in {shown}")
    click.echo(f"Use it in the config as ${{{name}}}")
    tell("A running gateway takes it up with: openclaw secrets reload")


def keep(file: Path, name: str, value: str) -> bool:
    """Whether `file`, a `.env`, had to be changed to set `name`. Raises CannotKeep, EnvFileUnusable."""
    try:
        private_dir(file.parent)
        old = file.read_text(encoding="utf-8") if file.exists() else ""
        new = set_variable(old, name, value)
        if parse_dotenv(old).get(name) == value and new == old:
            return False
        write_private(file, new, like=file if file.exists() else file.parent)
    except (OSError, UnicodeDecodeError) as error:
        raise EnvFileUnusable(f"cannot change {file}: {error}", hint="check who owns it") from error
    return True


def _asked(name: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(name, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
