"""Where the recipes keep things on a host."""

from __future__ import annotations

from pathlib import Path

from clawfleet.fleet.instance import GatewayInstance

ROOT = "/opt/clawfleet"
RELEASES = f"{ROOT}/releases"
SCRIPTS = f"{ROOT}/lib"
COMMAND = "/usr/local/bin/openclaw"

RECORDS = "/etc/clawfleet"
MADE = f"{RECORDS}/.made"

UNIT_SCRIPT = f"{SCRIPTS}/gateway_unit.py"
OBSTACLES_SCRIPT = f"{SCRIPTS}/obstacles.py"
BUILD_SCRIPT = f"{SCRIPTS}/release_tree.py"
CONFIG_SCRIPT = f"{SCRIPTS}/own_config.py"
ADOPTION_SCRIPT = f"{SCRIPTS}/adoption.py"
ENV_SCRIPT = f"{SCRIPTS}/own_env.py"
KEEP_SCRIPT = f"{SCRIPTS}/kept.py"
REMOTE = Path(__file__).resolve().parent / "remote"


def current_link(instance: GatewayInstance) -> str:
    """The link to the release that this gateway runs; one per gateway, so that each can be moved alone."""
    return f"{ROOT}/instances/{instance.name}/current"


def records(instance: GatewayInstance) -> str:
    """Root's own directory about this gateway: what the fleet owns of its config, and what was last applied."""
    return f"{RECORDS}/{instance.name}"


def overlay_path(instance: GatewayInstance) -> str:
    """The config keys that the fleet owns, as one line of JSON."""
    return f"{records(instance)}/overlay.json"


def owned_path(instance: GatewayInstance) -> str:
    """The keys that it owned when the config was last written: what is gone since then is removed from the config."""
    return f"{records(instance)}/owned.json"


def stamp_path(instance: GatewayInstance) -> str:
    """What the running gateway was started with; written only after the gate, removed before anything changes."""
    return f"{records(instance)}/applied.json"
