"""One gateway of the fleet, fully decided: every name, path and limit that the recipes and checks work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clawfleet.config.models.gateway import Bind
from clawfleet.fleet.models.gateway import Backup, ConfigMode, EnvUnknown, Hardening, Scope
from clawfleet.fleet.models.host import System
from clawfleet.fleet.models.tailscale import GatewayTailscale
from clawfleet.fleet.overlay import FORCED
from clawfleet.fleet.secret_refs import SecretRef

UNNAMED_PROFILE = "default"
TOKEN_NAME = "OPENCLAW_GATEWAY_TOKEN"  # noqa: S105 -- the variable's name, not a value


@dataclass(frozen=True, slots=True)
class Limits:
    """What the unit may use and do: MemoryMax, CPUQuota, TasksMax, the seconds of a stop, the hardening level."""

    memory_max: str = "1G"
    cpu_quota: str = "200%"
    tasks_max: int = 512
    stop_timeout_s: int = 330
    hardening: Hardening = "basic"


@dataclass(frozen=True, slots=True)
class GatewayInstance:
    """One gateway on one host. Paths are absolute and POSIX; names follow deploy §3.1.

    `config` is the tree of openclaw.json keys that the fleet owns. `env` goes into the unit, `secrets` into `.env`.
    Without a `release` it runs what the wheelhouse holds.
    """

    host: str
    name: str
    profile: str
    port: int
    bind: Bind
    os_user: str
    service: Scope
    state_dir: str
    config_path: str
    workspace: str
    limits: Limits
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, SecretRef] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    tenant: str | None = None
    share_token: bool = False
    allow_public: bool = False
    seed_compat: bool = False
    backup: Backup | None = None
    tailscale: GatewayTailscale | None = None
    release: str | None = None
    config_mode: ConfigMode = "merge"
    force_paths: tuple[str, ...] = FORCED
    env_unknown: EnvUnknown = "drop"
    enabled: bool = True
    adopt: bool = False
    os: System = "linux"

    @property
    def id(self) -> str:
        """`host/name`, unique in the fleet and the way every message calls this gateway."""
        return f"{self.host}/{self.name}"

    @property
    def home(self) -> str:
        """Home directory of the OS user."""
        return home_of(self.os_user, self.os)

    @property
    def env_path(self) -> str:
        """The file that the gateway reads its secrets from at start."""
        return f"{self.state_dir}/.env"

    @property
    def unit(self) -> str:
        """Unit file name, on a Mac the label; what the gateway's own command line looks for."""
        if self.os == "darwin":
            return "ai.openclaw." + ("gateway" if self.profile == UNNAMED_PROFILE else self.profile)
        suffix = "" if self.profile == UNNAMED_PROFILE else f"-{self.profile}"
        return f"openclaw-gateway{suffix}.service"

    @property
    def unit_dir(self) -> str:
        """Where the unit file lies."""
        if self.os == "darwin":
            return "/Library/LaunchDaemons" if self.service == "system" else f"{self.home}/Library/LaunchAgents"
        return "/etc/systemd/system" if self.service == "system" else f"{self.home}/.config/systemd/user"

    @property
    def unit_path(self) -> str:
        """The unit file."""
        return f"{self.unit_dir}/{self.unit}" + (".plist" if self.os == "darwin" else "")

    @property
    def log_path(self) -> str:
        """Where a job of launchd prints to, with `.err.log` for errors beside it."""
        suffix = "" if self.profile == UNNAMED_PROFILE else f"-{self.profile}"
        return f"{self.home}/Library/Logs/openclaw/gateway{suffix}.log"


def home_of(os_user: str, system: System = "linux") -> str:
    """The home that the recipes give a user, and expect of one that exists."""
    if system == "darwin":
        return f"/Users/{os_user}"
    return "/root" if os_user == "root" else f"/home/{os_user}"


def default_state_dir(profile: str, home: str) -> str:
    """`~/.openclaw`, or `~/.openclaw-<profile>` of a named profile."""
    return f"{home}/.openclaw" if profile == UNNAMED_PROFILE else f"{home}/.openclaw-{profile}"
