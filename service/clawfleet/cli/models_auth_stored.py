"""`openclaw models auth list|remove|logout|copy`: the credentials that are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from clawfleet.cli.client import GatewayUnreachable
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_auth_store import in_store, store_file, stored_ring
from clawfleet.cli.output import print_json
from clawfleet.cli.refusals import ConnectRefused
from clawfleet.cli.target import Ask, ForeignListener, open_gateway
from clawfleet.config.provider_ids import provider_id
from clawfleet.core.clock import iso_time

if TYPE_CHECKING:
    from clawfleet.models.auth.report import ProfileReport


@click.command("list", epilog="\b\nExamples:\n  openclaw models auth list --provider anthropic")
@click.option("--provider", metavar="ID", help="Only of this provider.")
@click.option("--agent", metavar="ID", help="Those that serve this agent. Default: main.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def list_command(cli: CliContext, provider: str | None, agent: str | None, *, as_json: bool) -> None:
    """List the stored credentials; their secrets are not shown."""
    rows = stored_rows(cli, agent, provider)
    owner, file = _owner(agent), cli.instance.shown(store_file(cli))
    if as_json:
        shown = [row_json(row) for row in rows]
        print_json({"agentId": owner, "authStatePath": str(store_file(cli)), "profiles": shown})
        return
    click.echo(f"Agent: {owner}")
    click.echo(f"Auth state store: {file}")
    click.echo("Profiles:" if rows else "Profiles: (none)")
    for row in rows:
        click.echo(f"- {row.id} [{row_words(row)}]")


@click.command("remove", epilog="\b\nExamples:\n  openclaw models auth remove anthropic:old --yes")
@click.argument("profile_ids", nargs=-1, required=True)
@click.option("--agent", metavar="ID", help="Of this agent. Default: of all agents.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_cli
def remove_command(cli: CliContext, profile_ids: tuple[str, ...], agent: str | None, *, yes: bool) -> None:
    """Forget PROFILE_IDS, and stop what runs with them."""
    from clawfleet.models.auth.store import NoSuchProfile

    there = {row.id: row.provider for row in stored_ring(cli).profiles(_owner(agent))}
    for name in profile_ids:
        if name not in there:
            raise NoSuchProfile(name, _owner(agent))
    if not yes:
        click.confirm(f"Forget {', '.join(profile_ids)}?", abort=True, err=True)
    for provider in dict.fromkeys(there[name] for name in profile_ids):
        _remove(cli, agent, provider, [name for name in profile_ids if there[name] == provider])
    click.echo(f"Removed: {', '.join(profile_ids)}")


@click.command("copy", epilog="\b\nExamples:\n  openclaw models auth copy --from main --to coding")
@click.option("--from", "source", required=True, metavar="ID", help="The agent that has them.")
@click.option("--to", "target", required=True, metavar="ID", help="The agent that gets them.")
@click.argument("profile_ids", nargs=-1)
@pass_cli
def copy_command(cli: CliContext, source: str, target: str, profile_ids: tuple[str, ...]) -> None:
    """Copy stored credentials to another agent, all or PROFILE_IDS; what it has is left as it is."""
    copied = in_store(cli, lambda store: store.copy(source, target, profile_ids or None))
    click.echo(f"Copied to {target}: {', '.join(copied) or 'nothing new'}")


def stored_rows(cli: CliContext, agent: str | None, provider: str | None = None) -> list[ProfileReport]:
    """How the credentials of an agent stand."""
    from clawfleet.models.auth.report import reports

    snapshot, ring = cli.snapshot, stored_ring(cli)
    name = provider_id(provider) if provider else None
    return reports(ring, _owner(agent), snapshot.config.auth, snapshot.environ, name)


def row_words(row: ProfileReport) -> str:
    """A credential in a few words."""
    parts = [f"{row.provider}/{row.kind}"]
    if row.expires_at_ms:
        parts.append(f"expires {iso_time(row.expires_at_ms)}")
    if row.resting:
        parts.append(f"{'disabled' if row.resting == 'billing' else 'cooldown'} until {iso_time(row.resting_until_ms)}")
        parts.append(row.resting)
    if row.is_excluded:
        parts.append("left out by auth.order")
    elif row.state != "ok":
        parts.append(f"{row.state}: {row.trouble}" if row.trouble else row.state)
    return "; ".join(parts)


def row_json(row: ProfileReport) -> dict[str, Any]:
    """A credential for scripts."""
    return {
        "profileId": row.id,
        "provider": row.provider,
        "type": row.kind,
        "status": row.standing,
        "owner": row.owner,
        "masked": row.shown,
        "expires": row.expires_at_ms or None,
        "restingReason": row.resting,
        "restingUntil": row.resting_until_ms or None,
        "excludedByOrder": row.is_excluded,
    }


def _remove(cli: CliContext, agent: str | None, provider: str, names: Sequence[str]) -> None:
    """By the gateway, so that what runs is stopped, else in the file."""
    params: dict[str, Any] = {"provider": provider, "profileIds": list(names)}
    try:
        with open_gateway(cli, Ask()) as gateway:
            gateway.call("models.authLogout", params | ({"agentId": agent} if agent else {}))
    except (GatewayUnreachable, ForeignListener, ConnectRefused):
        in_store(cli, lambda store: store.remove(_owner(agent), names))


def _owner(agent: str | None) -> str:
    from clawfleet.models.auth.ring import SHARED

    return agent or SHARED
