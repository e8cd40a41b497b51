"""`openclaw models list`: which models there are, and which of them can answer.

A running gateway is asked, for it knows what it goes by; without one the config and the keys say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, printable
from clawfleet.cli.tables import terminal_lines
from clawfleet.cli.target import Ask, asks_gateway, find_place, open_gateway


@click.command(
    "list", epilog="\b\nExamples:\n  openclaw models list --provider openrouter\n  openclaw models list --all --plain"
)
@click.option("--all", "everything", is_flag=True, help="Also those that nothing is configured for.")
@click.option("--provider", metavar="ID", help="Only this provider's.")
@click.option("--plain", is_flag=True, help="Only the names, one a line.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(
    context: CliContext, ask: Ask, *, everything: bool, provider: str | None, plain: bool, as_json: bool
) -> None:
    """List the models."""
    found = _asked(context, ask, everything=everything)
    rows = [row for row in found if provider is None or row.get("provider") == provider.strip().lower()]
    if as_json:
        print_json({"count": len(rows), "models": [model_json(row) for row in rows]})
        return
    for line in map(model_key, rows) if plain else model_lines(rows):
        click.echo(printable(line))


def _asked(context: CliContext, ask: Ask, *, everything: bool) -> list[Mapping[str, Any]]:
    """The rows of `models.list`, from the gateway that is named or runs here, else as it would answer."""
    lock = find_place(context, ask.port).lock
    if not (ask.url or ask.port or ask.token or ask.password or (lock and lock.alive)):
        return local_rows(context, everything=everything)
    with open_gateway(context, ask, scopes=("operator.read",)) as gateway:
        answer = gateway.call("models.list", {"view": "all" if everything else "default", "includeDetails": True})
    return list(answer.get("models") or ())


def local_rows(context: CliContext, *, everything: bool) -> list[Mapping[str, Any]]:
    """What a gateway of this config and these keys would list."""
    from clawfleet.models.catalog import Catalog
    from clawfleet.models.hosts import nearness

    catalog = Catalog.of(context.snapshot.config, context.snapshot.environ)
    default = catalog.default()
    near = {setup.id for setup in catalog.setups if nearness(setup.base_url) != "remote"} | {"demo"}
    return [
        {
            "id": row.ref.model,
            "name": row.name,
            "provider": row.ref.provider,
            "contextWindow": row.context_window,
            "input": list(row.input),
            "local": row.ref.provider in near,
            "available": row.available,
            "tags": ["default"] if row.ref == default else [],
        }
        for row in catalog.rows
        if everything or row.available or row.ref == default
    ]


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
