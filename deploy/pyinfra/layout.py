"""Where the recipes keep things on a host."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clawfleet.fleet.instance import GatewayInstance

REMOTE = Path(__file__).resolve().parent / "remote"


@dataclass(frozen=True, slots=True)
class Places:
    """One host's places; its twin on the host is `remote/places.py`. `owner` is who they belong to."""

    root: str
    records: str
    command: str
    backups: str
    owner: str = "root"

    @property
    def releases(self) -> str:
        """One directory per release."""
        return f"{self.root}/releases"

    @property
    def scripts(self) -> str:
        """The scripts of `remote/`."""
        return f"{self.root}/lib"

    @property
    def made(self) -> str:
        """Marks of what the recipes brought into being."""
        return f"{self.records}/.made"

    def script(self, name: str) -> str:
        """One of the scripts."""
        return f"{self.scripts}/{name}.py"

    def release(self, name: str) -> str:
        """The directory of a release."""
        return f"{self.releases}/{name}"


LINUX = Places("/opt/clawfleet", "/etc/clawfleet", "/usr/local/bin/openclaw", "/var/backups/clawfleet")


def places_of(instance: GatewayInstance) -> Places:
    """The places of a gateway's host: root's own; on a Mac whose gateways are agents all in the home of their user."""
    if instance.os == "linux":
        return LINUX
    own = instance.service == "user"
    root = f"{instance.home}/.clawfleet" if own else "/usr/local/clawfleet"
    command = f"{instance.home}/.local/bin/openclaw" if own else "/usr/local/bin/openclaw"
    return Places(root, f"{root}/records", command, f"{root}/backups", instance.os_user if own else "root")


def current_link(instance: GatewayInstance) -> str:
    """The link to the release that this gateway runs; one per gateway, so that each can be moved alone."""
    return f"{places_of(instance).root}/instances/{instance.name}/current"


def records(instance: GatewayInstance) -> str:
    """Root's own directory about this gateway: what the fleet owns of its config, and what was last applied."""
    return f"{places_of(instance).records}/{instance.name}"


def overlay_path(instance: GatewayInstance) -> str:
    """The config keys that the fleet owns, as one line of JSON."""
    return f"{records(instance)}/overlay.json"


def owned_path(instance: GatewayInstance) -> str:
    """The keys that it owned when the config was last written: what is gone since then is removed from the config."""
    return f"{records(instance)}/owned.json"


def stamp_path(instance: GatewayInstance) -> str:
    """What the running gateway was started with; written only after the gate, removed before anything changes."""
    return f"{records(instance)}/applied.json"
