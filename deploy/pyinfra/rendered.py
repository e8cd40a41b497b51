"""The texts that a gateway is made of, and hashes of them. Decides only; needs no pyinfra."""

from __future__ import annotations

import hashlib
import json

from clawfleet.fleet.instance import UNNAMED_PROFILE, GatewayInstance
from clawfleet.fleet.overlay import READ_ONLY
from clawfleet.fleet.tailnet import needs_tailscale
from clawfleet.host.plists import render_plist
from clawfleet.host.unit_templates import read_plist_template, read_unit_template
from clawfleet.host.units import UnitLimits, UnitSpec, render_unit
from layout import current_link


def unit_text(instance: GatewayInstance) -> str:
    """The text of the gateway's unit file, on a Mac its property list."""
    limits = instance.limits
    spec = UnitSpec(
        unit=instance.unit,
        scope=instance.service,
        profile="" if instance.profile == UNNAMED_PROFILE else instance.profile,
        port=instance.port,
        program=f"{current_link(instance)}/bin/openclaw",
        home=instance.home,
        state_dir=instance.state_dir,
        config_path=instance.config_path,
        user=instance.os_user,
        env={**instance.env, **(READ_ONLY if instance.config_mode == "managed" else {})},
        limits=UnitLimits(
            limits.memory_max, limits.cpu_quota, str(limits.tasks_max), limits.stop_timeout_s, limits.hardening
        ),
        writable=workspaces(instance),
        after=("tailscaled.service",) if needs_tailscale(instance) and instance.service == "system" else (),
    )
    if instance.os == "darwin":
        return render_plist(read_plist_template(instance.service), spec, instance.log_path).decode()
    return render_unit(read_unit_template(instance.service), spec)


def workspaces(instance: GatewayInstance) -> tuple[str, ...]:
    """Where the gateway's agents keep their files, as far as the fleet knows."""
    agents = instance.config.get("agents", {})
    rows = [*agents.get("entries", {}).values(), *agents.get("list", ())]
    own = [str(row["workspace"]) for row in rows if isinstance(row, dict) and row.get("workspace")]
    return (instance.workspace, *(place.replace("~", instance.home, 1) for place in own))


def fingerprint(*parts: str) -> str:
    """A hash over everything that the gateway reads at start."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def parts(instance: GatewayInstance) -> dict[str, str]:
    """Hashes of what a gateway is made of that needs no secret: a look at the fleet compares them with the stamp's."""
    return {"config": fingerprint(overlay_text(instance)), "unit": fingerprint(unit_text(instance))}


def overlay_text(instance: GatewayInstance) -> str:
    """The config keys that the fleet owns, as they lie on the host."""
    return json.dumps(instance.config, sort_keys=True) + "\n"
