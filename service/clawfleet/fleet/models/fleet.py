"""The fleet file's shape: hosts × gateways, strict, with every value that may be given on three levels.

A value is taken from the gateway, else its host, else the groups that the host names, else `defaults`, else it is the
built-in default of `instance.py`.
Only keys that something acts on exist; an unknown key is an error. Source: deploy §3.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from clawfleet.fleet.models.base import GatewayName, HostName, Section
from clawfleet.fleet.models.host import Defaults, Group, Host

Gate = Literal["ready", "strict", "started"]


class Smoke(Section):
    """What the default agent is asked before a gateway counts as good."""

    message: str = Field("Answer with the single word ready.", min_length=1, max_length=2000)
    expect: str | None = Field(None, description="Text that must be in the answer; without it any answer will do.")
    timeout_s: int = Field(60, ge=1, le=600, description="How long the turn may take.")


class Rollout(Section):
    """In which order hosts are changed, and when a restarted gateway counts as good (deploy §8)."""

    order: list[HostName] = Field(default_factory=list, description="Hosts that come first; the others are sorted.")
    canary: int = Field(1, ge=1, description="How many hosts are changed alone, before all others.")
    batch: int = Field(1, ge=1, le=50, description="How many hosts are changed at the same time after that.")
    pause_s: int = Field(0, ge=0, le=3600, description="Seconds between two batches.")
    gate: Gate = Field("ready", description="ready: nothing newly failing; strict: nothing failing; started: answers.")
    gate_timeout_s: int = Field(180, ge=5, le=1800)
    settle_s: int = Field(3, ge=0, le=60, description="Seconds that the process has to have lived to count as good.")
    snapshots: int = Field(3, ge=0, le=100, description="Kept states of before an upgrade; 0: none is made.")
    auto_restore_state: bool = Field(
        False, description="A release that refuses what the newer one made of its state gets its own back."
    )
    smoke: bool | Smoke = Field(False, description="One turn of the default agent, in a session that is thrown away.")


class Fleet(Section):
    """The whole file."""

    version: Literal[1]
    release: str | None = Field(None, description="Exact version to run; without it the wheelhouse's own.")
    secrets_file: str = Field("secrets.env", description="Where generated secrets are kept, beside the fleet file.")
    age_identity: str = Field("~/.config/sops/age/keys.txt", description="Key file that age decrypts with.")
    rollout: Rollout = Rollout()
    defaults: Defaults = Defaults()
    groups: dict[GatewayName, Group] = Field(default_factory=dict, description="Values that hosts name in `groups`.")
    hosts: dict[HostName, Host] = Field(min_length=1)

    @model_validator(mode="after")
    def _groups_exist(self) -> Self:
        for name, host in self.hosts.items():
            for group in host.groups:
                if group not in self.groups:
                    known = ", ".join(self.groups) or "none"
                    raise ValueError(
                        f"host {name} names the group {group}, which is not under `groups` (known: {known})"
                    )
        return self
