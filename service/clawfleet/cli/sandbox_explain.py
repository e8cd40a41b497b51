"""`openclaw sandbox explain`: where an agent's tools run, which are on offer, and which key decides. Reads the config.

Source: config-and-cli §10, tools-and-sessions §5.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import click

from clawfleet.cli.agents_bind import known_agent
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.config.models.root import Config
from clawfleet.config.models.tools import AgentTools
from clawfleet.routing.roster import MAIN_KEY
from clawfleet.sandbox.directories import resolved_binds
from clawfleet.sandbox.failures import SandboxForbidden
from clawfleet.sandbox.spec import Site, Tenant, is_sandboxed, mounts_for, scope_key, settings_for

DOCS = "https://docs.openclaw.ai/sandbox"
FIX_KEYS = (
    "agents.defaults.sandbox.mode=off",
    "agents.entries.<id>.sandbox.mode=off",
    "tools.sandbox.tools.allow",
    "tools.sandbox.tools.deny",
    "tools.allow",
    "tools.deny",
    "tools.profile",
    "tools.elevated.enabled",
    "tools.elevated.allowFrom.<channel>",
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

    config = cli.snapshot.config
    roster = Roster.of(config, cli.instance.workspace)
    key, agent_id = roster.locate(session or MAIN_KEY, known_agent(cli, agent))
    workspace = PurePosixPath(roster.get(agent_id).workspace)
    return {
        "docsUrl": DOCS,
        "agentId": agent_id,
        "sessionKey": key,
        "mainSessionKey": f"agent:{agent_id}:{MAIN_KEY}",
        "sandbox": _sandbox(cli, config, Tenant(agent_id, key), workspace),
        "elevated": _elevated(config, agent_id),
        "tools": _tools(config, agent_id, key),
        "fixIt": list(FIX_KEYS),
    }


def _sandbox(cli: CliContext, config: Config, tenant: Tenant, workspace: PurePosixPath) -> dict[str, Any]:
    sandbox = settings_for(config.agents, tenant.agent_id)
    state_dir = PurePosixPath(cli.instance.state_dir)
    root = PurePosixPath(sandbox.workspace_root or state_dir / "sandboxes")
    inside, scope = is_sandboxed(sandbox.mode, tenant), scope_key(sandbox.scope, tenant)
    home = PurePosixPath(cli.instance.environ.get("HOME") or "/root")
    try:
        binds = resolved_binds(sandbox.docker)
        mounts = mounts_for(sandbox, Site("", state_dir, root, home), scope, workspace, binds)
        refused = None
    except SandboxForbidden as error:
        mounts, refused = (), error.message
    gate = (_own(config, tenant.agent_id) or config.tools).sandbox.tools
    return {
        "mode": sandbox.mode,
        "scope": sandbox.scope,
        "scopeKey": scope,
        "backend": "docker",
        "workspaceAccess": sandbox.workspace_access,
        "workspaceRoot": str(root),
        "effectiveHostWorkspaceRoot": mounts[0].source if inside and mounts else str(workspace),
        "runtimeWorkdir": sandbox.docker.workdir if inside else str(workspace),
        "workspaceMounts": [
            {"hostRoot": mount.source, "containerRoot": mount.target, "writable": mount.writable}
            for mount in (mounts if inside else ())
        ],
        "sessionIsSandboxed": inside,
        "refused": refused,
        "image": sandbox.docker.image,
        "network": sandbox.docker.network,
        "tools": {"allow": list(gate.allow or ()), "deny": list(gate.deny)},
    }


def _own(config: Config, agent_id: str) -> AgentTools | None:
    entry = config.agents.entries.get(agent_id)
    return entry.tools if entry else None


def _elevated(config: Config, agent_id: str) -> dict[str, Any]:
    top, own = config.tools.elevated, _own(config, agent_id)
    enabled = top.enabled and (own is None or own.elevated.enabled)
    failures = [] if enabled else ["tools.elevated.enabled"]
    failures += [] if top.allow_from else ["tools.elevated.allowFrom.<channel>"]
    return {
        "enabled": enabled,
        "allowedByConfig": enabled and bool(top.allow_from),
        "allowFrom": {channel: list(senders) for channel, senders in top.allow_from.items()},
        "failures": failures,
    }


def _tools(config: Config, agent_id: str, key: str) -> dict[str, Any]:
    from clawfleet.tools.layers import layers_for
    from clawfleet.tools.policy import decide
    from clawfleet.tools.subject import Subject
    from clawfleet.tools.table import names

    decisions = decide(names(), layers_for(config, Subject(agent_id, key)))
    return {
        "allow": [each.name for each in decisions if each.allowed],
        "deny": [{"tool": each.name, "key": each.key} for each in decisions if not each.allowed],
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    sandbox, tools = found["sandbox"], found["tools"]
    yield f"Effective sandbox of agent {found['agentId']}, session {found['sessionKey']}:"
    yield f"  Runtime: {'sandboxed' if sandbox['sessionIsSandboxed'] else 'direct (on the host)'}"
    yield f"  Mode: {sandbox['mode']}, scope: {sandbox['scope']} ({sandbox['scopeKey']})"
    yield f"  Workspace access: {sandbox['workspaceAccess']}, root: {sandbox['workspaceRoot']}"
    yield f"  Image: {sandbox['image']}, network: {sandbox['network']}"
    for mount in sandbox["workspaceMounts"]:
        yield f"  Mount: {mount['hostRoot']} at {mount['containerRoot']} ({'rw' if mount['writable'] else 'ro'})"
    if sandbox["refused"]:
        yield f"  Refused: {sandbox['refused']}"
    yield f"  Tools on offer: {', '.join(tools['allow']) or 'none'}"
    yield from (f"  Not on offer: {each['tool']} ({each['key']} removes it)" for each in tools["deny"])
    yield "Fix-it keys:"
    yield from (f"  - {key}" for key in found["fixIt"])
