"""`openclaw sandbox explain`: where an agent's tools run, which are on offer, and which key decides. Reads the config.

Source: config-and-cli §10, tools-and-sessions §5.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from clawfleet.cli.agents_bind import known_agent
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.routing.roster import MAIN_KEY
from clawfleet.sandbox.spec import Tenant, is_sandboxed, scope_key, settings_for

FIX_KEYS = (
    "agents.defaults.sandbox.mode=off",
    "agents.entries.<id>.sandbox.mode=off",
    "tools.allow",
    "tools.deny",
    "tools.profile",
)


@click.command("explain", epilog="\b\nExamples:\n  openclaw sandbox explain --agent coding")
@click.option("--agent", metavar="ID", help="Which agent. Default: the default agent.")
@click.option("--session", metavar="KEY", help="Which session. Default: the agent's main one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, agent: str | None, session: str | None, *, as_json: bool) -> None:
    """Say whether a session's tools run in a sandbox, what it sees, and which tools it is offered."""
    found = explained(cli, agent, session)
    if as_json:
        print_json(found)
        return
    for line in lines(found):
        click.echo(line)


def explained(cli: CliContext, agent: str | None, session: str | None) -> dict[str, Any]:
    """The facts, for scripts too."""
    from clawfleet.routing.roster import Roster
    from clawfleet.tools.layers import layers_for
    from clawfleet.tools.policy import decide
    from clawfleet.tools.subject import Subject
    from clawfleet.tools.table import names

    config = cli.snapshot.config
    roster = Roster.of(config, cli.instance.workspace)
    key, agent_id = roster.locate(session or MAIN_KEY, known_agent(cli, agent))
    sandbox = settings_for(config.agents, agent_id)
    tenant = Tenant(agent_id, key)
    inside = is_sandboxed(sandbox.mode, tenant)
    decisions = decide(names(), layers_for(config, Subject(agent_id, key)))
    return {
        "agentId": agent_id,
        "sessionKey": key,
        "mainSessionKey": f"agent:{agent_id}:{MAIN_KEY}",
        "sandbox": {
            "mode": sandbox.mode,
            "scope": sandbox.scope,
            "scopeKey": scope_key(sandbox.scope, tenant),
            "workspaceAccess": sandbox.workspace_access,
            "workspaceRoot": sandbox.workspace_root or str(cli.instance.state_dir / "sandboxes"),
            "sessionIsSandboxed": inside,
            "image": sandbox.docker.image,
            "network": sandbox.docker.network,
        },
        "tools": {
            "allow": [each.name for each in decisions if each.allowed],
            "deny": [{"tool": each.name, "key": each.key} for each in decisions if not each.allowed],
        },
        "fixIt": list(FIX_KEYS),
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    sandbox, tools = found["sandbox"], found["tools"]
    yield f"Effective sandbox of agent {found['agentId']}, session {found['sessionKey']}:"
    yield f"  Runtime: {'sandboxed' if sandbox['sessionIsSandboxed'] else 'direct (on the host)'}"
    yield f"  Mode: {sandbox['mode']}, scope: {sandbox['scope']} ({sandbox['scopeKey']})"
    yield f"  Workspace access: {sandbox['workspaceAccess']}, root: {sandbox['workspaceRoot']}"
    yield f"  Image: {sandbox['image']}, network: {sandbox['network']}"
    yield f"  Tools on offer: {', '.join(tools['allow']) or 'none'}"
    yield from (f"  Not on offer: {each['tool']} ({each['key']} removes it)" for each in tools["deny"])
    yield "Fix-it keys:"
    yield from (f"  - {key}" for key in found["fixIt"])
