"""One gateway on its host, from directories to the gate."""

from __future__ import annotations

import hashlib
import json

from clawfleet.fleet.instance import UNNAMED_PROFILE, GatewayInstance
from clawfleet.host.unit_templates import read_unit_template
from clawfleet.host.units import UnitLimits, UnitSpec, render_unit
from fleet_file import CheckedFleet
from layout import RELEASES, current_link, overlay_path, records, stamp_path
from operations.gateways import Wanted, gated_gateway, owned_config, unclaimed_gateway
from operations.placed import owned_directory, secret_file, switched_link
from shell import HiddenText, Target


def place_gateway(checked: CheckedFleet, instance: GatewayInstance) -> None:
    """Converges one gateway. Only the last step touches the running one."""
    release = checked.wheelhouse.release
    overlay = json.dumps(instance.config, sort_keys=True) + "\n"
    env = checked.env_text(instance)
    unit = unit_text(instance)
    stamp = stamp_path(instance)
    unclaimed_gateway(name=f"gateway {instance.name}: nothing in the way", instance=instance)
    _directories(instance)
    owned = secret_file(
        name=f"gateway {instance.name}: owned config keys",
        target=Target(overlay_path(instance), "root", "600"),
        content=HiddenText(overlay),
        stamp=stamp,
    )
    config = owned_config(
        name=f"gateway {instance.name}: openclaw.json", instance=instance, release=release, overlay=owned
    )
    env_file = secret_file(
        name=f"gateway {instance.name}: .env",
        target=Target(instance.env_path, instance.os_user, "600"),
        content=HiddenText(env),
        stamp=stamp,
    )
    link = switched_link(
        name=f"gateway {instance.name}: release",
        path=current_link(instance),
        target=f"{RELEASES}/{release}",
        stamp=stamp,
    )
    unit_file = secret_file(
        name=f"gateway {instance.name}: {instance.unit}",
        target=unit_target(instance),
        content=HiddenText(unit),
        stamp=stamp,
    )
    gated_gateway(
        name=f"gateway {instance.name}: running",
        instance=instance,
        wanted=wanted_state(checked, fingerprint(overlay, env, unit, release)),
        after=[owned, config, env_file, link, unit_file],
    )


def unit_text(instance: GatewayInstance) -> str:
    """The text of the gateway's unit file."""
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
        env=instance.env,
        limits=UnitLimits(limits.memory_max, limits.cpu_quota, str(limits.tasks_max), limits.stop_timeout_s),
    )
    return render_unit(read_unit_template(instance.service), spec)


def unit_target(instance: GatewayInstance) -> Target:
    """System units are root's and readable, user units the user's own."""
    path = f"{instance.unit_dir}/{instance.unit}"
    return Target(path, "root", "644") if instance.service == "system" else Target(path, instance.os_user, "600")


def fingerprint(*parts: str) -> str:
    """A hash over everything that the gateway reads at start."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def wanted_state(checked: CheckedFleet, applied: str) -> Wanted:
    """What the gate holds the gateway to."""
    rollout = checked.fleet.rollout
    return Wanted(
        release=checked.wheelhouse.release,
        version=checked.wheelhouse.version,
        fingerprint=applied,
        gate=rollout.gate,
        gate_timeout_s=rollout.gate_timeout_s,
    )


def _directories(instance: GatewayInstance) -> None:
    owned_directory(name=f"gateway {instance.name}: records", path=records(instance), owner="root", mode="700")
    private = {
        "state dir": instance.state_dir,
        "config directory": instance.config_path.rpartition("/")[0],
        "workspace": instance.workspace,
    }
    if instance.service == "user":
        private["unit directory"] = instance.unit_dir
    for what, path in private.items():
        if what == "config directory" and path == instance.state_dir:
            continue
        owned_directory(
            name=f"gateway {instance.name}: {what}",
            path=path,
            owner=instance.os_user,
            mode="700",
            inside=instance.state_dir if path.startswith(f"{instance.state_dir}/") else instance.home,
        )
