"""The fleet file's shape: hosts × gateways, strict, with every value that may be given on three levels.

A value is taken from the gateway, else its host, else `defaults`, else the built-in default of `instance.py`.
Only keys that something acts on exist; an unknown key is an error. Source: deploy §3.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from clawfleet.config.models.gateway import Bind
from clawfleet.fleet.secret_refs import SecretRef, parse_secret_ref

Scope = Literal["user", "system"]
Hardening = Literal["none", "basic", "strict"]
Gate = Literal["ready", "strict", "started"]

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_BYTES = re.compile(r"[1-9][0-9]*[KMGT]?|infinity")
_PUBLIC_KEY = re.compile(r"(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+(?: [^\n\r\"]*)?")
_CALENDAR = re.compile(r"[A-Za-z0-9*:,./~ -]{1,100}")
_PERCENT = re.compile(r"[1-9][0-9]*%")


def _matching(pattern: re.Pattern[str], wanted: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"{wanted}, got {value!r}")
        return value

    return AfterValidator(check)


def _place(value: str) -> str:
    if not value.startswith(("/", "~/")) or value in {"/", "~/"}:
        raise ValueError(f"must start with / or ~/ and name a place below it, got {value!r}")
    if ".." in value.split("/") or any(ord(char) < 32 for char in value):
        raise ValueError("must not contain .. or control characters")
    return value


GatewayName = Annotated[str, _matching(_NAME, "must be lower-case letters, digits and dashes, at most 40")]
HostName = Annotated[str, _matching(_HOST, "must be lower-case letters, digits, dots and dashes, at most 63")]
OsUser = Annotated[str, _matching(_USER, "must be a plain Linux user name")]
Variable = Annotated[str, _matching(_VARIABLE, "must be an upper-case variable name")]
Bytes = Annotated[str, _matching(_BYTES, "must be a size such as 512M, 1G or infinity")]
Percent = Annotated[str, _matching(_PERCENT, "must be a percentage of one core such as 200%")]
Calendar = Annotated[str, _matching(_CALENDAR, "must be a calendar event of systemd such as daily or *-*-* 03:30")]
PublicKey = Annotated[str, _matching(_PUBLIC_KEY, "must be one public key: ssh-ed25519 AAAA… name")]
Place = Annotated[str, AfterValidator(_place)]
Secret = Annotated[SecretRef, BeforeValidator(parse_secret_ref)]


class Section(BaseModel):
    """camelCase keys, nothing unknown, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=False)


class Backup(Section):
    """When a gateway's host makes a backup of it by itself."""

    at: Calendar = Field("daily", description="systemd's OnCalendar: daily, or *-*-* 03:30.")
    keep: int = Field(14, ge=1, le=1000, description="How many stay on the host.")


class Shared(Section):
    """What gateways inherit: each key may stand in `defaults`, in a host, or in a gateway."""

    os_user: OsUser | None = Field(None, description="Linux user that owns and runs the gateway.")
    bind: Bind | None = Field(None, description="Addresses to listen on.")
    memory_max: Bytes | None = Field(None, description="MemoryMax of the unit.")
    cpu_quota: Percent | None = Field(None, description="CPUQuota of the unit.")
    tasks_max: int | None = Field(None, ge=16, description="TasksMax of the unit.")
    stop_timeout_s: int | None = Field(None, ge=10, le=3600, description="Seconds a stop may take, drain included.")
    hardening: Hardening | None = Field(
        None, description="What the unit keeps the gateway from: none, basic (user units), strict (system units)."
    )
    backup: Backup | None = Field(None, description="Backups by the host itself.")
    env: dict[Variable, str] = Field(default_factory=dict, description="Variables that are no secret; in the unit.")
    secrets: dict[Variable, Secret] = Field(default_factory=dict, description="Variables of the gateway's .env.")
    config: dict[str, Any] = Field(default_factory=dict, description="Keys of openclaw.json that the fleet owns.")


class Defaults(Shared):
    """What holds for every host that does not say otherwise."""

    service: Scope | None = Field(None, description="Which service manager runs the gateways.")


class Gateway(Shared):
    """One gateway; its key in `gateways` is its name on this host."""

    tenant: GatewayName | None = Field(None, description="Whose it is; tenants never share an OS user.")
    share_token: bool = Field(False, description="Another gateway may have the same token.")
    allow_public: bool = Field(False, description="Tailscale Funnel may show this gateway to everybody.")

    profile: GatewayName | None = Field(None, description="Instance profile; `default` is the unnamed one.")
    port: int | None = Field(None, ge=1024, le=65425, description="Fixed port; without it one is allocated and kept.")
    state_dir: Place | None = Field(None, description="The gateway's own data.")
    config_path: Place | None = Field(None, description="Its openclaw.json.")
    workspace: Place | None = Field(None, description="Workspace of its default agent.")


class Connect(Section):
    """How the control machine reaches a host. Paths are relative to the fleet file; `~` is the operator.

    `ssh` by the system's own client; `docker` is a running container, named by `hostname`; `local` is this machine.
    """

    via: Literal["ssh", "docker", "local"] = "ssh"
    hostname: str = Field("localhost", min_length=1)
    port: int = Field(22, ge=1, le=65535)
    user: str = Field("root", min_length=1)
    key: str | None = Field(None, description="Private key; without it the agent and the usual keys are tried.")
    known_hosts: str | None = Field(None, description="File with the host's key; without it the operator's own.")
    strict_host_key: Literal["yes", "accept-new", "no"] = "yes"


class Tunnel(Section):
    """A port of another host, kept open on this one by a unit that runs ssh. `key` lies on this host."""

    hostname: str = Field(min_length=1, pattern=r"^[^-\s][^\s]*$")
    port: int = Field(22, ge=1, le=65535)
    user: OsUser = "tunnel"
    key: Place = Field(description="Private key on this host, readable by osUser.")
    known_hosts: Place = Field("/etc/ssh/ssh_known_hosts", description="File with the other host's key.")
    local_port: int = Field(ge=1024, le=65535)
    remote_port: int = Field(ge=1, le=65535)


class Host(Defaults):
    """One machine and the gateways on it."""

    connect: Connect
    tunnels: dict[GatewayName, Tunnel] = Field(
        default_factory=dict, description="Ports of other hosts, kept open here."
    )
    tunnel_keys: list[PublicKey] = Field(
        default_factory=list, description="Who may reach the gateways' ports over ssh."
    )
    gateways: dict[GatewayName, Gateway] = Field(min_length=1)


class Rollout(Section):
    """In which order hosts are changed, and when a restarted gateway counts as good (deploy §8)."""

    order: list[HostName] = Field(default_factory=list, description="Hosts that come first; the others are sorted.")
    canary: int = Field(1, ge=1, description="How many hosts are changed alone, before all others.")
    batch: int = Field(1, ge=1, le=50, description="How many hosts are changed at the same time after that.")
    pause_s: int = Field(0, ge=0, le=3600, description="Seconds between two batches.")
    gate: Gate = Field("ready", description="ready: nothing newly failing; strict: nothing failing; started: answers.")
    gate_timeout_s: int = Field(180, ge=5, le=1800)


class Fleet(Section):
    """The whole file."""

    version: Literal[1]
    release: str | None = Field(None, description="Exact version to run; without it the wheelhouse's own.")
    secrets_file: str = Field("secrets.env", description="Where generated secrets are kept, beside the fleet file.")
    age_identity: str = Field("~/.config/sops/age/keys.txt", description="Key file that age decrypts with.")
    rollout: Rollout = Rollout()
    defaults: Defaults = Defaults()
    hosts: dict[HostName, Host] = Field(min_length=1)
