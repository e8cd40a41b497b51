"""`openclaw fleet`: many gateways on many hosts, from one file. The work is done by `deploy/pyinfra`."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

TABLE = {
    "check": Lazy("clawfleet.cli.fleet_check", "Say everything that is wrong with the fleet file; contact nobody."),
    "plan": Lazy("clawfleet.cli.fleet_plan", "Show what a deploy would change."),
    "drift": Lazy("clawfleet.cli.fleet_drift", "Like plan, with exit code 2 when anything differs."),
    "deploy": Lazy("clawfleet.cli.fleet_deploy", "Make the hosts what the fleet file says, one after the other."),
    "rollback": Lazy("clawfleet.cli.fleet_rollback", "Take gateways back to the release before, or to a named one."),
    "restart": Lazy("clawfleet.cli.fleet_restart", "Restart gateways one after the other, each held to the gate."),
    "stop": Lazy("clawfleet.cli.fleet_stop", "Stop gateways; running turns end first."),
    "start": Lazy("clawfleet.cli.fleet_start", "Start gateways that were stopped, each held to the gate."),
    "status": Lazy("clawfleet.cli.fleet_status", "One table over all gateways of all hosts."),
    "logs": Lazy("clawfleet.cli.fleet_logs", "Show the log of one gateway."),
    "exec": Lazy("clawfleet.cli.fleet_exec", "Run a command line of one gateway on its host."),
    "tunnel": Lazy("clawfleet.cli.fleet_tunnel", "Open one gateway's port on this machine."),
    "scrape": Lazy("clawfleet.cli.fleet_scrape", "Write the file that tells Prometheus where all gateways are."),
    "backup": Lazy("clawfleet.cli.fleet_backup", "Keep the state and workspaces of gateways as archives."),
    "restore": Lazy("clawfleet.cli.fleet_restore", "Put an archive into a gateway, on the same host or another."),
    "uninstall": Lazy("clawfleet.cli.fleet_uninstall", "Remove gateways from their hosts."),
    "lock": Lazy("clawfleet.cli.fleet_lock", "Say who deploys, and release a lock that was left behind."),
}

# OpenClaw's fleet is containers on this machine; these verbs make no sense for a fleet that a file describes.
UNSUPPORTED = frozenset({"create", "doctor", "list", "ls", "rm", "upgrade"})


@click.group("fleet", cls=Family, table=TABLE, unsupported=UNSUPPORTED)
def command() -> None:
    """Deploy, watch and mend gateways on many hosts, as one fleet file describes them."""
