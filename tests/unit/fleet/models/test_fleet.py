"""The fleet file as a whole."""

from __future__ import annotations

import re
from pathlib import Path

from clawfleet.fleet.models.docker import Docker, SandboxImage
from clawfleet.fleet.models.firewall import Firewall, Opening
from clawfleet.fleet.models.fleet import Fleet, Rollout, Smoke
from clawfleet.fleet.models.gateway import Backup, Gateway
from clawfleet.fleet.models.host import Connect, Defaults, Group, Host, Tunnel
from clawfleet.fleet.models.tailscale import GatewayTailscale, HostTailscale
from clawfleet.fleet.models.upkeep import Journal, Ssh

HOST = {"connect": {"hostname": "h"}, "gateways": {"default": {}}}


def test_smallest_fleet_has_the_documented_defaults() -> None:
    """One host with one empty gateway is a fleet."""
    fleet = Fleet.model_validate({"version": 1, "hosts": {"a": HOST}})
    assert (fleet.rollout.gate, fleet.rollout.gate_timeout_s, fleet.secrets_file) == ("ready", 180, "secrets.env")
    assert (fleet.hosts["a"].connect.port, fleet.hosts["a"].connect.strict_host_key) == (22, "yes")


def test_every_key_of_a_host_itself_is_explained_too() -> None:
    """docs/fleet-hosts.md names each."""
    page = (Path(__file__).parents[4] / "docs" / "fleet-hosts.md").read_text(encoding="utf-8")
    models = (Docker, SandboxImage, Firewall, Opening, Ssh, Journal)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert [key for key in keys if not re.search(rf"`[\w.<>]*\b{key}\b", page)] == []


def test_every_key_is_explained_to_operators() -> None:
    """docs/fleet.md has a row for each."""
    page = (Path(__file__).parents[4] / "docs" / "fleet.md").read_text(encoding="utf-8")
    reached = (Tunnel, HostTailscale, GatewayTailscale)
    models = (Fleet, Defaults, Group, Host, Gateway, Connect, Rollout, Smoke, Backup, *reached)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    missing = [
        key for key in keys - {"connect", "rollout", "backup", "tunnels"} if not re.search(rf"`(\w+\.)?{key}`", page)
    ]
    assert missing == []
