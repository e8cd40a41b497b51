"""Tailscale in the fleet file: a host in the tailnet, and the way from there to a gateway. Source: deploy §11."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clawfleet.config.models.gateway import TailscaleMode
from clawfleet.fleet.models.base import Secret, Section

MANAGED_PORT = 443
"""The port of the tailnet that a gateway claims by itself while it runs; any other is a route that stays."""


class HostTailscale(Section):
    """This host in the tailnet. Without this section nothing of Tailscale is touched but the gateways' own routes."""

    install: Literal["no", "distribution", "official"] = Field(
        "no", description="Where Tailscale comes from when it is missing; `official` is its maker's own repository."
    )
    auth_key: Secret | None = Field(None, description="Joins the tailnet, where the host is not in it yet.")
    operator: bool = Field(False, description="The user of the gateway that claims its own route may do so.")


class GatewayTailscale(Section):
    """Who may get to a gateway by Tailscale, and at which port of this host's name."""

    mode: TailscaleMode = Field("off", description="serve: the tailnet; funnel: everybody.")
    https_port: int = Field(
        MANAGED_PORT, ge=1, le=65535, description="443 is claimed by the gateway itself; one per host."
    )
