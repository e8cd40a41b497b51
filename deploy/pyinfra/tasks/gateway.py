"""One gateway on its host, from directories to the gate."""

from __future__ import annotations

from clawfleet.fleet.instance import GatewayInstance
from fleet_file import CheckedFleet
from layout import current_link, overlay_path, owned_path, places_of, records, stamp_path
from operations.adoption import adopted_gateway
from operations.env_files import env_file
from operations.gateways import Wanted, gated_gateway, owned_config, parked_gateway, unclaimed_gateway
from operations.placed import owned_directory, secret_file, switched_link
from operations.snapshots import kept_state
from rendered import fingerprint, overlay_text, parts, unit_text
from shell import HiddenText, Target
from specs import gate_spec


def place_gateway(checked: CheckedFleet, instance: GatewayInstance) -> None:
    """Converges one gateway. Only the last step touches the running one."""
    release = checked.wheelhouse_of(instance).release
    stamp, places = stamp_path(instance), places_of(instance)
    unclaimed_gateway(name=f"gateway {instance.name}: nothing in the way", instance=instance)
    if instance.adopt:
        adopted_gateway(name=f"gateway {instance.name}: adopted", instance=instance, files=files_of(instance)[:3])
    if checked.fleet.rollout.snapshots:
        what = f"gateway {instance.name}: state kept before the upgrade"
        kept_state(name=what, instance=instance, release=release, rollout=checked.fleet.rollout)
    _directories(instance)
    owned = secret_file(
        name=f"gateway {instance.name}: owned config keys",
        target=Target(overlay_path(instance), places.owner, "600"),
        content=HiddenText(overlay_text(instance)),
        stamp=stamp,
    )
    config = owned_config(
        name=f"gateway {instance.name}: openclaw.json", instance=instance, release=release, overlay=owned
    )
    env = env_file(
        name=f"gateway {instance.name}: .env", instance=instance, content=HiddenText(checked.env_text(instance))
    )
    link = switched_link(
        name=f"gateway {instance.name}: release",
        path=current_link(instance),
        target=places.release(release),
        stamp=stamp,
    )
    unit_file = secret_file(
        name=f"gateway {instance.name}: {instance.unit}",
        target=unit_target(instance),
        content=HiddenText(unit_text(instance)),
        stamp=stamp,
    )
    last, what = (gated_gateway, "running") if instance.enabled else (parked_gateway, "stopped")
    last(
        name=f"gateway {instance.name}: {what}",
        instance=instance,
        wanted=wanted_state(checked, instance),
        after=[owned, config, env, link, unit_file],
    )


def unit_target(instance: GatewayInstance) -> Target:
    """System units are root's and readable, user units the user's own; launchd wants its lists to be readable."""
    if instance.service == "system":
        return Target(instance.unit_path, "root", "644")
    return Target(instance.unit_path, instance.os_user, "644" if instance.os == "darwin" else "600")


def files_of(instance: GatewayInstance) -> tuple[tuple[str, str, str], ...]:
    """Path, owner and mode of what a gateway is made of: unit, secrets and config, and the fleet's records of them."""
    target, owner = unit_target(instance), places_of(instance).owner
    return (
        (target.path, target.owner, target.mode),
        (instance.env_path, instance.os_user, "600"),
        (instance.config_path, instance.os_user, "600"),
        (overlay_path(instance), owner, "600"),
        (owned_path(instance), owner, "600"),
    )


def wanted_state(checked: CheckedFleet, instance: GatewayInstance) -> Wanted:
    """What the gate holds the gateway to."""
    house = checked.wheelhouse_of(instance)
    overlay, unit = overlay_text(instance), unit_text(instance)
    return Wanted(
        release=house.release,
        version=house.version,
        fingerprint=fingerprint(overlay, checked.env_text(instance), unit, house.release),
        gate=gate_spec(instance, checked.fleet.rollout),
        parts=parts(instance),
        files=files_of(instance),
    )


def _directories(instance: GatewayInstance) -> None:
    owner = places_of(instance).owner
    owned_directory(name=f"gateway {instance.name}: records", path=records(instance), owner=owner, mode="700")
    private = {
        "state dir": instance.state_dir,
        "config directory": instance.config_path.rpartition("/")[0],
        "workspace": instance.workspace,
    }
    if instance.os == "darwin":
        private["log directory"] = instance.log_path.rpartition("/")[0]
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
