"""`openclaw models list`: which models the running gateway knows, and which of them can answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import columns, print_json, printable
from clawfleet.cli.target import Ask, asks_gateway, open_gateway


@click.group(name="models")
def command() -> None:
    """The models that the running gateway knows."""


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that nothing is configured for.")
@click.option("--provider", metavar="ID", help="Only this provider's.")
@click.option("--plain", is_flag=True, help="Only the names, one a line.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def list_command(
    context: CliContext, ask: Ask, *, everything: bool, provider: str | None, plain: bool, as_json: bool
) -> None:
    """List the models of the running gateway."""
    with open_gateway(context, ask, scopes=("operator.read",)) as gateway:
        answer = gateway.call("models.list", {"view": "all" if everything else "default"})
    rows = [row for row in answer.get("models") or [] if provider in (None, row.get("provider"))]
    if as_json:
        print_json({"count": len(rows), "models": [model_json(row) for row in rows]})
        return
    for line in map(model_key, rows) if plain else model_lines(rows):
        click.echo(printable(line))


def model_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The models as a table."""
    if not rows:
        yield "No models."
        return
    yield from columns([("Model", "Input", "Ctx", "Auth", "Tags"), *map(_cells, rows)])


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
        "available": bool(row.get("available")),
        "tags": list(row.get("tags") or ()),
    }


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    shown = model_json(row)
    window = shown["contextWindow"]
    size = f"{round(window / 1000)}k" if window else "-"
    return shown["key"], shown["input"], size, "yes" if shown["available"] else "no", ",".join(shown["tags"]) or "-"
