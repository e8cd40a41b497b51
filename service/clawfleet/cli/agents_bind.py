"""`openclaw agents bind|unbind|bindings`: which agent answers which account. Source: channels §2.9."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from clawfleet.channels.registry import CHANNELS
from clawfleet.cli.config_edit import edit_config
from clawfleet.cli.config_words import effect
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.config.binding_rows import Outcome, Place, bind, place_words, read_place, rows_of, unbind, words
from clawfleet.config.change import Edit

BINDINGS = ("bindings",)


@click.command(
    "bind", epilog="\b\nExamples:\n  openclaw agents bind --agent coding --bind telegram:ops --bind 'discord:*'"
)
@click.option("--agent", metavar="ID", help="The agent that shall answer. Default: the default agent.")
@click.option("--bind", "texts", multiple=True, metavar="CHANNEL[:ACCOUNT]", help="Where it answers; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def bind_command(cli: CliContext, agent: str | None, texts: tuple[str, ...], *, as_json: bool) -> int:
    """Let an agent answer on a channel; exit 1 when another agent has it."""
    if not texts:
        raise click.UsageError("Missing option '--bind CHANNEL[:ACCOUNT]'.")
    agent_id = known_agent(cli, agent)
    done = add_bindings(cli, agent_id, places_of(texts))
    if as_json:
        print_json(added_json(agent_id, done))
    else:
        tell_added(done)
        tell_effect(done)
    return 1 if done.conflicts else 0


@click.command("unbind", epilog="\b\nExamples:\n  openclaw agents unbind --agent coding --all")
@click.option("--agent", metavar="ID", help="The agent that shall no longer answer. Default: the default agent.")
@click.option("--bind", "texts", multiple=True, metavar="CHANNEL[:ACCOUNT]", help="Where; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Everywhere, also where a peer is named.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def unbind_command(
    cli: CliContext, agent: str | None, texts: tuple[str, ...], *, everything: bool, as_json: bool
) -> int:
    """Take bindings away from an agent; a missing one is no failure."""
    if everything == bool(texts):
        raise click.UsageError("Name --bind CHANNEL[:ACCOUNT], or --all.")
    agent_id = known_agent(cli, agent)
    found: list[Outcome] = []

    def edits(source: Any) -> list[Edit]:
        found[:] = [unbind(rows_of(source), agent_id, None if everything else places_of(texts))]
        return [Edit(BINDINGS, found[0].rows)] if found[0].removed else []

    edit_config(cli, edits)
    done = found[0]
    if as_json:
        print_json(
            {
                "agentId": agent_id,
                "removed": _texts(done.removed),
                "missing": _texts(done.missing),
                "conflicts": _conflicts(done),
            }
        )
    else:
        _section("Removed bindings:", _texts(done.removed))
        _section("No such bindings:", _texts(done.missing))
        _section("Bound to another agent:", _conflicts(done))
        if not (done.removed or done.missing or done.conflicts):
            click.echo("No bindings to remove.")
        tell_effect(done)
    return 1 if done.conflicts else 0


@click.command("bindings")
@click.option("--agent", metavar="ID", help="Only this agent's.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def bindings_command(cli: CliContext, agent: str | None, *, as_json: bool) -> None:
    """List the routing rules in their order."""
    wanted = known_agent(cli, agent) if agent else None
    rows = [row for row in rows_of(cli.snapshot.source) if wanted in (None, str(row.get("agentId")).lower())]
    if as_json:
        print_json([{"agentId": row["agentId"], "match": row["match"], "description": words(row)} for row in rows])
        return
    click.echo("Routing bindings:" if rows else "No routing bindings.")
    for row in rows:
        click.echo(f"- {row['agentId']} <- {words(row)}")


def known_agent(cli: CliContext, agent: str | None) -> str:
    """The id of a configured agent, the default one for None. Raises UnknownAgent."""
    from clawfleet.routing.roster import Roster

    roster = Roster.of(cli.snapshot.config, cli.instance.workspace)
    return roster.get(agent.strip().lower() if agent else None).id


def places_of(texts: Sequence[str]) -> list[Place]:
    """The places that were typed; one on a channel that is not here is told on stderr. Raises BadBinding."""
    places = [read_place(text) for text in texts]
    for name in dict.fromkeys(place.channel for place in places):
        if name not in CHANNELS:
            click.echo(f"! {name} is not a channel of this gateway; it has: {', '.join(CHANNELS)}", err=True)
    return places


def add_bindings(cli: CliContext, agent_id: str, places: Sequence[Place]) -> Outcome:
    """Write bindings of `places` to the agent into the config."""
    found: list[Outcome] = []

    def edits(source: Any) -> list[Edit]:
        found[:] = [bind(rows_of(source), agent_id, places)]
        return [Edit(BINDINGS, found[0].rows)] if found[0].added or found[0].updated else []

    edit_config(cli, edits)
    return found[0]


def added_json(agent_id: str, done: Outcome) -> dict[str, Any]:
    """What `bind` did, for scripts."""
    return {
        "agentId": agent_id,
        "added": _texts(done.added),
        "updated": _texts(done.updated),
        "skipped": _texts(done.skipped),
        "conflicts": _conflicts(done),
    }


def tell_added(done: Outcome) -> None:
    """Print what `bind` did."""
    _section("Added bindings:", _texts(done.added))
    _section("Updated bindings:", _texts(done.updated))
    _section("Already present:", _texts(done.skipped))
    _section("Bound to another agent already:", _conflicts(done))


def tell_effect(done: Outcome) -> None:
    """Say what it takes for the change to hold."""
    if done.added or done.updated or done.removed:
        click.echo(effect(BINDINGS))


def _texts(places: Sequence[Place]) -> list[str]:
    return [place_words(place) for place in places]


def _conflicts(done: Outcome) -> list[str]:
    return [f"{place_words(place)} (agent={owner})" for place, owner in done.conflicts]


def _section(title: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo(title)
    for line in lines:
        click.echo(f"- {line}")
