"""One machine in the fleet file: how it is reached, what holds for all of its gateways. Source: deploy §3."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from clawfleet.fleet.models.base import GatewayName, OsUser, Place, PublicKey, Secret, Section
from clawfleet.fleet.models.docker import Docker, SandboxImage
from clawfleet.fleet.models.firewall import Firewall
from clawfleet.fleet.models.gateway import Gateway, Scope, Shared
from clawfleet.fleet.models.tailscale import HostTailscale
from clawfleet.fleet.models.upkeep import Journal, Ssh, Updates

System = Literal["linux", "darwin"]


class Defaults(Shared):
    """What holds for every host that does not say otherwise."""

    os: System | Literal["auto"] | None = Field(
        None, description="linux, darwin (macOS), or auto: asked at the first contact."
    )
    service: Scope | None = Field(None, description="Whether the user's or the machine's service manager runs them.")
    offline: bool | None = Field(None, description="The host has no network: packages must be there already.")
    docker: Docker | None = Field(None, description="Docker for sandboxes.")
    sandbox: SandboxImage | None = Field(None, description="The image of sandboxes.")
    firewall: Firewall | None = Field(None, description="Who may reach the host over the network.")
    ssh: Ssh | None = Field(None, description="The host's ssh server: keys only.")
    journal: Journal | None = Field(None, description="How much the journal may grow to.")
    updates: Updates | None = Field(None, description="Security updates by themselves.")


class Group(Defaults):
    """What holds for every host that names it in `groups`."""


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
    sudo_password: Secret | None = Field(None, description="Where the password that sudo asks `user` for comes from.")

    @model_validator(mode="after")
    def _sudo_password_is_asked_for(self) -> Self:
        if self.sudo_password is None:
            return self
        if self.sudo_password.source == "generate":
            raise ValueError("sudoPassword is a password that the host knows already: it cannot be generated")
        if self.via == "docker" or (self.via == "ssh" and self.user == "root"):
            raise ValueError("sudoPassword is for a `user` who is not root: take it out, or name that user")
        return self


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
    groups: list[GatewayName] = Field(
        default_factory=list, description="Groups of the fleet whose values hold here; the first that has one wins."
    )
    tunnels: dict[GatewayName, Tunnel] = Field(
        default_factory=dict, description="Ports of other hosts, kept open here."
    )
    tailscale: HostTailscale | None = Field(None, description="This host in the tailnet.")
    tunnel_keys: list[PublicKey] = Field(
        default_factory=list, description="Who may reach the gateways' ports over ssh."
    )
    gateways: dict[GatewayName, Gateway] = Field(min_length=1)
