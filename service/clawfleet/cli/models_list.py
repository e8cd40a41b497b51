"""`openclaw models list`: which models there are, and which of them can answer.

A running gateway is asked, for it knows what it goes by; without one the config and the keys say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_choice import catalog_of
from clawfleet.cli.output import print_json
from clawfleet.cli.tables import terminal_lines
from clawfleet.cli.target import Ask, asks_gateway, find_place, open_gateway
from clawfleet.config.provider_ids import provider_id
from clawfleet.core.text import printable


@click.command(
    "list", epilog="\b\nExamples:\n  openclaw models list --provider openrouter\n  openclaw models list --all --plain"
)
@click.option("--all", "everything", is_flag=True, help="Also those that nothing is configured for.")
@click.option("--local", "only_local", is_flag=True, help="Only those on this machine or network.")
@click.option("--provider", metavar="ID", help="Only this provider's.")
@click.option("--agent", metavar="ID", help="As this agent sees them. Default: the default agent.")
@click.option("--refresh", is_flag=True, help="Let the gateway ask providers for their models first.")
@click.option("--plain", is_flag=True, help="Only the names, one a line.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, /, ask: Ask, **flags: Any) -> None:
    """List the models; those that are written in the config always."""
    provider = provider_id(flags["provider"]) if flags["provider"] else None
    rows = [
        row
        for row in _asked(context, ask, flags)
        if provider in (None, row.get("provider")) and (row.get("local") or not flags["only_local"])
    ]
    if flags["as_json"]:
        print_json({"count": len(rows), "models": [model_json(row) for row in rows]})
        return
    for line in map(model_key, rows) if flags["plain"] else model_lines(rows):
        click.echo(printable(line))


def _asked(context: CliContext, ask: Ask, flags: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows of `models.list`, from the gateway that is named or runs here, else as it would answer."""
    lock = find_place(context, ask.port).lock
    if not (ask.url or ask.port or ask.token or ask.password or (lock and lock.alive)):
        return local_rows(context, flags["agent"], everything=flags["everything"])
    params = {"view": "all" if flags["everything"] else "default", "includeDetails": True}
    if flags["agent"]:
        params["agentId"] = flags["agent"]
    with open_gateway(context, ask, scopes=("operator.read",)) as gateway:
        answer = gateway.call("models.list", params | ({"refresh": True} if flags["refresh"] else {}))
    return [_tagged(row, context) for row in answer.get("models") or ()]


def local_rows(context: CliContext, agent: str | None, *, everything: bool) -> list[Mapping[str, Any]]:
    """What a gateway of this config and these keys would list."""
    from clawfleet.cli.agents_bind import known_agent
    from clawfleet.models.hosts import nearness

    agent_id, catalog = known_agent(context, agent), catalog_of(context, asking=True)
    default, tags = catalog.default(agent_id), catalog.tags(agent_id)
    near = {setup.id for setup in catalog.setups if nearness(setup.base_url) != "remote"} | {"demo"}
    rows = [
        {
            "id": row.ref.model,
            "name": row.name,
            "provider": row.ref.provider,
            "contextWindow": row.context_window,
            "input": list(row.input),
            "local": row.ref.provider in near,
            "available": row.available,
            "tags": tags.get(row.ref, []),
        }
        for row in catalog.rows
        if everything
        or row.ref == default
        or catalog.declares(row.ref)
        or (row.available and catalog.allows(row.ref, agent_id))
    ]
    return [_tagged(row, context) for row in rows]


def _tagged(row: Mapping[str, Any], context: CliContext) -> Mapping[str, Any]:
    """The row; one that stands in the config of this machine is tagged `configured`."""
    rows = context.snapshot.config.models.providers
    written = next((each for name, each in rows.items() if provider_id(name) == row.get("provider")), None)
    if written is None or all(entry.id != row.get("id") for entry in written.models or ()):
        return row
    return {**row, "tags": [*(row.get("tags") or ()), "configured"]}


def model_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The models as a table."""
    if not rows:
        yield "No models."
        return
    yield from terminal_lines(("Model", "Input", "Ctx", "Local", "Auth", "Tags"), [_cells(row) for row in rows])


def model_key(row: Mapping[str, Any]) -> str:
    """`provider/model`."""
    return f"{row.get('provider')}/{row.get('id')}"


def model_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the keys that OpenClaw's command prints."""
    return {
        "key": model_key(row),
        "name": row.get("name"),
        "input": "+".join(row.get("input") or ["text"]),
        "contextWindow": row.get("contextWindow"),
        "local": bool(row.get("local")),
        "available": bool(row.get("available")),
        "tags": list(row.get("tags") or ()),
    }


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    shown = model_json(row)
    window = shown["contextWindow"]
    size = f"{round(window / 1000)}k" if window else "-"
    flags = ["yes" if shown[key] else "no" for key in ("local", "available")]
    return shown["key"], shown["input"], size, *flags, ",".join(shown["tags"]) or "-"
