"""One gateway in the fleet file, and what it may inherit from its host and from `defaults`. Source: deploy §3."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from clawfleet.config.models.gateway import Bind
from clawfleet.fleet.models.base import (
    Bytes,
    Calendar,
    GatewayName,
    KeyPath,
    OsUser,
    Percent,
    Place,
    ProfileName,
    Secret,
    Section,
    Variable,
)
from clawfleet.fleet.models.tailscale import GatewayTailscale

Scope = Literal["user", "system"]
Hardening = Literal["none", "basic", "strict"]
ConfigMode = Literal["seed", "merge", "managed"]
EnvUnknown = Literal["keep", "drop", "fail"]


class Backup(Section):
    """When a gateway's host makes a backup of it by itself."""

    at: Calendar = Field("daily", description="systemd's OnCalendar: daily, or *-*-* 03:30.")
    keep: int = Field(14, ge=1, le=1000, description="How many stay on the host.")


class Shared(Section):
    """What gateways inherit: each key may stand in `defaults`, in a host, or in a gateway."""

    release: str | None = Field(None, description="Version to run, or one very release of it: 1.4.0-1a2b3c4d.")
    os_user: OsUser | None = Field(None, description="OS user that owns and runs the gateway.")
    bind: Bind | None = Field(None, description="Addresses to listen on.")
    memory_max: Bytes | None = Field(None, description="MemoryMax of the unit.")
    cpu_quota: Percent | None = Field(None, description="CPUQuota of the unit.")
    tasks_max: int | None = Field(None, ge=16, description="TasksMax of the unit.")
    stop_timeout_s: int | None = Field(None, ge=10, le=3600, description="Seconds a stop may take, drain included.")
    hardening: Hardening | None = Field(
        None, description="What the unit keeps the gateway from: none, basic (user units), strict (system units)."
    )
    backup: Backup | None = Field(None, description="Backups by the host itself.")
    config_mode: ConfigMode | None = Field(
        None, description="seed: written once; merge: laid over what people wrote; managed: nobody else writes it."
    )
    force_paths: list[KeyPath] | None = Field(
        None, description="Keys of `config` that win over what people wrote on the host, besides the gateway's own."
    )
    env_unknown: EnvUnknown | None = Field(
        None, description="Variables of .env that the fleet does not know: keep, drop, or fail."
    )
    env: dict[Variable, str] = Field(default_factory=dict, description="Variables that are no secret; in the unit.")
    secrets: dict[Variable, Secret] = Field(default_factory=dict, description="Variables of the gateway's .env.")
    config: dict[str, Any] = Field(default_factory=dict, description="Keys of openclaw.json that the fleet owns.")


class Gateway(Shared):
    """One gateway; its key in `gateways` is its name on this host."""

    enabled: bool = Field(True, description="Runs; else it is stopped and stays so, with all of its state.")
    adopt: bool = Field(False, description="Takes over a gateway that somebody installed on the host by hand.")
    tenant: GatewayName | None = Field(None, description="Whose it is; tenants never share an OS user.")
    share_token: bool = Field(False, description="Another gateway may have the same token.")
    tailscale: GatewayTailscale | None = Field(None, description="The way to it by Tailscale.")
    seed_compat: bool = Field(
        False, description="Tailscale may lead to a gateway with `bind: tailnet`, as older guides have it."
    )
    allow_public: bool = Field(False, description="Tailscale Funnel may show this gateway to everybody.")

    profile: ProfileName | None = Field(None, description="Instance profile; `default` is the unnamed one.")
    port: int | None = Field(None, ge=1024, le=65425, description="Fixed port; without it one is allocated and kept.")
    state_dir: Place | None = Field(None, description="The gateway's own data.")
    config_path: Place | None = Field(None, description="Its openclaw.json.")
    workspace: Place | None = Field(None, description="Workspace of its default agent.")
