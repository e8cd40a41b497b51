"""`openclaw tools explain`: which tools a session has, which key took the others away, and what gives them back.

Asks the running gateway, which knows what can work there; without one it reads the config alone.
Source: tools-and-sessions §1.6.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell
from clawfleet.cli.tables import terminal_lines
from clawfleet.cli.target import Ask, asks_gateway, find_place, open_gateway
from clawfleet.core.errors import GatewayError, RequestError

if TYPE_CHECKING:  # pydantic is not paid for where no config is read
    from clawfleet.config.env import Instance
    from clawfleet.config.load import Snapshot

MOST_NAMED = 8
NOBODY_LOOKED = "a running gateway knows which can work"
_RULES = {"deny": "denies it", "not-in-allow": "does not list it"}


class NoSuchTool(RequestError):
    """There is no tool of that name to explain."""

    code = "NO_SUCH_TOOL"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = difflib.get_close_matches(name.lower(), known, n=1)
        super().__init__(
            f'this gateway has no tool "{name}"',
            hint=f"did you mean {near[0]}?" if near else f"tools: {', '.join(known)}",
        )


class NotHere(RequestError):
    """Policy leaves the tool, and it cannot work in this gateway."""

    code = "TOOL_NOT_HERE"
    exit_code = 1

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"policy allows {name}, but it cannot work here: {why}")


@click.command(
    "explain",
    epilog="""\b
Examples:
  openclaw tools explain
  openclaw tools explain --agent coding --tool message""",
)
@click.option("--agent", metavar="ID", help="Which agent. Default: the default agent.")
@click.option("--session", metavar="KEY", help="Which session. Default: the agent's main one.")
@click.option("--model", metavar="P/M", help="With which model. Default: the one that would answer.")
@click.option("--tool", metavar="NAME", help="Only this tool.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(
    cli: CliContext,
    ask: Ask,
    *,
    agent: str | None,
    session: str | None,
    model: str | None,
    tool: str | None,
    as_json: bool,
) -> None:
    """Say for each tool whether a session has it, and which key of the config decides."""
    wanted = {"agentId": agent, "sessionKey": session, "model": model, "tool": tool}
    found = explained(cli, ask, {key: value for key, value in wanted.items() if value})
    if tool and not found["tools"]:
        known = [*found["allowed"], *(name for layer in found["layers"] for name in layer["removed"])]
        for row in found["unavailable"] or ():
            if row["name"] == tool.strip().lower():
                raise NotHere(row["name"], row["why"])
        raise NoSuchTool(tool, sorted(known))
    if as_json:
        print_json(found)
        return
    for line in lines(found):
        tell(line)


def explained(cli: CliContext, ask: Ask, params: Mapping[str, str]) -> dict[str, Any]:
    """The explanation as the running gateway gives it; of the config when none runs."""
    place = find_place(cli, ask.port)
    if ask != Ask() or (place.lock is not None and place.lock.alive):
        try:
            with open_gateway(cli, ask, scopes=("operator.read",)) as gateway:
                return dict(gateway.call("tools.explain", dict(params)))
        except GatewayError as error:
            if ask != Ask() or isinstance(error, RequestError):
                raise
    return from_config(cli.instance, cli.snapshot, params)


def from_config(instance: Instance, snapshot: Snapshot, params: Mapping[str, str]) -> dict[str, Any]:
    """The explanation that follows from the config alone, with every tool that a gateway can have."""
    from clawfleet.models.catalog import Catalog
    from clawfleet.routing.roster import MAIN_KEY, Roster
    from clawfleet.rpc.registry import to_wire
    from clawfleet.rpc.tools_explain import ToolsExplained
    from clawfleet.tools.explain import explain
    from clawfleet.tools.layers import is_in_sandbox, layers_for
    from clawfleet.tools.subject import Occasion, Subject
    from clawfleet.tools.table import names

    config = snapshot.config
    roster = Roster.of(config, instance.workspace)
    key, agent_id = roster.locate(params.get("sessionKey", MAIN_KEY), params.get("agentId"))
    catalog, chosen = Catalog.of(config, snapshot.environ), params.get("model")
    ref = catalog.resolve(chosen, agent_id) if chosen else catalog.default(agent_id)
    subject = Subject(agent_id, key, Occasion(model=str(ref)))
    found = explain(names(), layers_for(config, subject), subject, is_sandboxed=is_in_sandbox(config, subject))
    wire: dict[str, Any] = to_wire(ToolsExplained.of(found, params.get("tool")))
    return wire


def summary(found: Mapping[str, Any]) -> str:
    """`3 of 20 (narrowed by tools.allow; 2 cannot work here: openclaw tools explain)`."""
    narrowed = f"narrowed by {', '.join(found['narrowedBy'])}" if found["narrowedBy"] else ""
    absent = found["unavailable"]
    unfit = f"{len(absent)} cannot work here: openclaw tools explain" if absent else ""
    by = "; ".join(part for part in (narrowed, unfit, NOBODY_LOOKED if absent is None else "") if part)
    return f"{len(found['allowed'])} of {found['total']}{f' ({by})' if by else ''}"


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The explanation for people."""
    model = f", model {found['model']}" if found["model"] else ""
    where = ", sandboxed" if found["sandboxed"] else ""
    yield f"Agent {found['agentId']}, session {found['sessionKey']}{model}{where}:"
    looked = f" ({NOBODY_LOOKED})" if found["unavailable"] is None else ""
    yield f"{len(found['allowed'])} of {found['total']} tools remain{looked}."
    telling = (each for each in found["layers"] if each["profile"] or each["removed"] or each["source"] == "config")
    yield from (f"  {layer_line(layer)}" for layer in telling)
    yield from _widening(found["layers"])
    yield ""
    rows = [_row(row) for row in found["tools"]]
    rows += [(row["name"], f"allowed, but cannot work here: {row['why']}", "") for row in found["unavailable"] or ()]
    yield from terminal_lines(("Tool", "State", "To give it back"), rows)


def layer_line(layer: Mapping[str, Any]) -> str:
    """What one layer does, as a sentence."""
    default = "" if layer["source"] == "config" else " (default)"
    allow, also, key = layer["allow"], layer["alsoAllow"], layer["key"]
    if layer["profile"]:
        added = f" with {', '.join(also)} of {layer['alsoKey']}" if allow and also else ""
        start = f"{key}={layer['profile']}{default}{added}"
        return f"{start} {_effect(layer)}" if allow else f"{start} allows all."
    if not allow:
        return f"{key}{default} {_effect(layer)}"
    return f"{key}{default} then keeps only {_some([*allow, *also])} and {_effect(layer)}"


def _widening(layers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How to get out of a list that was meant to add and takes away."""
    narrow = [
        layer for layer in layers
        if layer["removed"] and layer["allow"] and not layer["profile"] and layer["source"] == "config"
    ]  # fmt: skip
    if narrow:
        yield "To widen: " + " && ".join(f"openclaw config unset {shlex.quote(layer['key'])}" for layer in narrow)
        yield "`allow` keeps only what it lists; to add to a tool profile use `alsoAllow` instead."


def _row(row: Mapping[str, Any]) -> tuple[str, str, str]:
    by = row["removedBy"]
    return row["name"], f"{by['key']} {_RULES[by['rule']]}" if by else "allowed", row["fix"] or ""


def _effect(layer: Mapping[str, Any]) -> str:
    return f"removes {_some(layer['removed'])}." if layer["removed"] else "removes nothing."


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
