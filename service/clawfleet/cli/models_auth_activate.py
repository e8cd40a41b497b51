"""`openclaw models auth activate`: try a stored credential, and put it before the others when it works."""

from __future__ import annotations

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_auth_store import in_store, stored_ring
from clawfleet.cli.models_probe import probed
from clawfleet.core.errors import ProviderError


class DoesNotWork(ProviderError):
    """The provider did not answer with that credential."""

    code = "AUTH_PROFILE_DOES_NOT_WORK"


@click.command(
    "activate", epilog="\b\nExamples:\n  openclaw models auth list\n  openclaw models auth activate anthropic:work"
)
@click.argument("profile_id")
@click.option("--agent", metavar="ID", help="For this agent. Default: for all agents.")
@pass_cli
def activate_command(cli: CliContext, profile_id: str, agent: str | None) -> None:
    """Ask the provider with PROFILE_ID; if it answers, try this credential before its others from now on."""
    from clawfleet.models.auth.ring import SHARED
    from clawfleet.models.auth.store import NoSuchProfile
    from clawfleet.models.probing import Manner

    owner, ring = agent or SHARED, stored_ring(cli)
    profile = next((row for row in ring.profiles(owner) if row.id == profile_id), None)
    if profile is None:
        raise NoSuchProfile(profile_id, owner)
    rows = probed(cli, owner, [profile.provider], Manner(profiles=(profile_id,)))["results"]
    failed = next((row for row in rows if row["status"] != "ok"), None)
    if failed is not None:
        raise DoesNotWork(
            f"{profile_id} does not work ({failed['status']}): {failed.get('error', '')}",
            hint="nothing was changed; openclaw models status --probe asks with every key",
        )
    others = ring.ordered(owner, profile.provider, cli.snapshot.config.auth)
    order = [profile_id, *(row.id for row in others if row.id != profile_id)]
    in_store(cli, lambda store: store.set_order(owner, profile.provider, order))
    click.echo(f"Auth profile order override: {', '.join(order)}")
