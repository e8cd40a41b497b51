"""`openclaw agents set-identity`: what an agent is called and how it looks. Source: config-and-cli §10."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clawfleet.cli.agents_bind import known_agent
from clawfleet.cli.config_edit import edit_config, tell_file
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.config.change import Edit
from clawfleet.config.roster import ENTRIES
from clawfleet.core.errors import NotFoundError

KEYS = ("name", "theme", "emoji", "avatar")
FILE = "IDENTITY.md"


class NoIdentityFile(NotFoundError):
    """The workspace has no file that says who the agent is, or it says nothing."""

    code = "NO_IDENTITY_FILE"


@click.command(
    "set-identity", epilog="\b\nExamples:\n  openclaw agents set-identity --agent coding --name Bolt --emoji 🔧"
)
@click.option("--agent", metavar="ID", help="Whose. Default: the default agent.")
@click.option("--name", metavar="NAME", help="What it is called.")
@click.option("--theme", metavar="TEXT", help="What it is like.")
@click.option("--emoji", metavar="EMOJI", help="Its sign.")
@click.option("--avatar", metavar="PATH", help="Its picture: a file in the workspace, or a URL.")
@click.option("--from-identity", is_flag=True, help=f"Take what is not named from {FILE} in the workspace.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def set_identity_command(
    cli: CliContext, /, agent: str | None, *, from_identity: bool, as_json: bool, **given: str | None
) -> None:
    """Set name, theme, emoji and avatar of an agent; the name is shown to clients."""
    agent_id = known_agent(cli, agent)
    wanted = {key: str(given[key]) for key in KEYS if given[key]}
    if from_identity:
        wanted = _from_file(cli, agent_id) | wanted
    if not wanted:
        raise click.UsageError("Name at least one of --name, --theme, --emoji, --avatar, or --from-identity.")
    changed = edit_config(cli, lambda _: _steps(agent_id, wanted))
    if as_json:
        print_json({"agentId": agent_id, "identity": wanted, "changed": changed})
        return
    tell_file(cli, changed=changed)
    click.echo(f"Agent: {agent_id}")
    for key, value in wanted.items():
        click.echo(f"{key.capitalize()}: {value}")


def read_identity(text: str) -> dict[str, str]:
    """What an IDENTITY.md says: lines like `- **Name:** Bolt`; what is left blank is not said."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, colon, value = line.lstrip("-* \t").replace("**", "").partition(":")
        name, value = key.strip().lower(), value.strip()
        name = "theme" if name in ("vibe", "creature") else name
        if colon and name in KEYS and value and not value.startswith(("(", "_")):
            found.setdefault(name, value)
    return found


def _from_file(cli: CliContext, agent_id: str) -> dict[str, str]:
    from clawfleet.routing.roster import Roster

    path = Path(Roster.of(cli.snapshot.config, cli.instance.workspace).get(agent_id).workspace) / FILE
    found = read_identity(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else {}
    if not found:
        raise NoIdentityFile(f"{path} says nothing about the agent", hint="write lines like: - Name: Bolt")
    return found


def _steps(agent_id: str, wanted: dict[str, Any]) -> list[Edit]:
    entry = (*ENTRIES, agent_id)
    steps = [Edit((*entry, "identity", key), value) for key, value in wanted.items()]
    return [*([Edit((*entry, "name"), wanted["name"])] if "name" in wanted else []), *steps]
