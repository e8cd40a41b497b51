"""Who may reach a host over the network, when the fleet shall say so. Source: deploy §4.4."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clawfleet.fleet.models.base import GatewayName, Network, Section


class Opening(Section):
    """A port of the host that has nothing to do with the fleet and stays open."""

    port: int = Field(ge=1, le=65535)
    protocol: Literal["tcp", "udp"] = "tcp"
    sources: list[Network] = Field(default_factory=list, description="From where; empty: from everywhere.")


class Firewall(Section):
    """Nothing comes in but ssh and what is named here."""

    tool: Literal["auto", "ufw", "nftables"] = Field("auto", description="auto: ufw where it is installed.")
    ssh_from: list[Network] = Field(default_factory=list, description="Who may reach ssh; empty: everybody.")
    gateways_from: list[Network] = Field(
        default_factory=list, description="Who may reach gateways that do not bind to loopback; empty: nobody."
    )
    open: dict[GatewayName, Opening] = Field(default_factory=dict, description="Other ports that stay open.")
    dead_man_s: int = Field(120, ge=5, le=3600, description="Seconds after which a change that locks us out goes back.")
