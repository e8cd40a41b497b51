"""`openclaw models auth order get|set|clear`: which stored credentials are tried, in which order."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_auth_store import in_store, stored_ring
from clawfleet.cli.output import print_json
from clawfleet.config.provider_ids import provider_id

_provider = click.option("--provider", required=True, metavar="ID", help="Whose credentials.")
_agent = click.option("--agent", metavar="ID", help="For this agent. Default: for all agents.")


@click.group(
    name="order",
    epilog="\b\nExamples:\n  openclaw models auth order set --provider anthropic anthropic:work anthropic:home\n"
    "  openclaw models auth order clear --provider anthropic",
)
def order_group() -> None:
    """Which stored credentials of a provider are tried, in which order."""


@order_group.command("get")
@_provider
@_agent
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def get_command(cli: CliContext, provider: str, agent: str | None, *, as_json: bool) -> None:
    """Show the order that was chosen."""
    from clawfleet.models.auth.ring import SHARED

    name = provider_id(provider)
    order = stored_ring(cli).order(agent or SHARED, name, cli.snapshot.config.auth)
    if as_json:
        print_json({"provider": name, "agentId": agent or SHARED, "order": None if order is None else list(order)})
    else:
        _tell(order)


@order_group.command("set")
@_provider
@_agent
@click.argument("profile_ids", nargs=-1, required=True)
@pass_cli
def set_command(cli: CliContext, provider: str, agent: str | None, profile_ids: tuple[str, ...]) -> None:
    """Try PROFILE_IDS in this order, and no others."""
    from clawfleet.models.auth.ring import SHARED
    from clawfleet.models.auth.store import NoSuchProfile

    name, owner = provider_id(provider), agent or SHARED
    there = {row.id for row in stored_ring(cli).profiles(owner, name)}
    for each in profile_ids:
        if each not in there:
            raise NoSuchProfile(each, owner)
    in_store(cli, lambda store: store.set_order(owner, name, profile_ids))
    _tell(profile_ids)


@order_group.command("clear")
@_provider
@_agent
@pass_cli
def clear_command(cli: CliContext, provider: str, agent: str | None) -> None:
    """Leave the order to the gateway again."""
    from clawfleet.models.auth.ring import SHARED

    in_store(cli, lambda store: store.set_order(agent or SHARED, provider_id(provider), None))
    _tell(None)


def _tell(order: tuple[str, ...] | None) -> None:
    words = ", ".join(order) if order is not None else "none (selecting automatically)"
    click.echo(f"Auth profile order override: {words}")
