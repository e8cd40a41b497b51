"""A gateway as the scripts on its host are told of it: where everything lies and how it is held to the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from clawfleet.fleet.features import features_of, is_sandboxed, sandbox_images
from clawfleet.fleet.instance import UNNAMED_PROFILE, GatewayInstance
from clawfleet.fleet.models.fleet import Fleet, Rollout, Smoke
from clawfleet.fleet.overlay import value_at
from clawfleet.fleet.tailnet import kept_route
from layout import current_link, overlay_path, owned_path, places_of, records, stamp_path


def unit_spec(instance: GatewayInstance) -> dict[str, Any]:
    """How a script finds the unit and what it serves."""
    return {
        "scope": instance.service,
        "user": instance.os_user,
        "unit": instance.unit,
        "unitPath": instance.unit_path,
        "logs": logs(instance),
        "port": instance.port,
        "stamp": stamp_path(instance),
    }


def obstacle_spec(instance: GatewayInstance) -> dict[str, Any]:
    """What would be in the way of the gateway."""
    other = replace(instance, service="user" if instance.service == "system" else "system")
    return {
        **unit_spec(instance),
        "id": instance.id,
        "records": records(instance),
        "adopt": instance.adopt,
        "workspace": instance.workspace,
        "otherUnit": other.unit_path,
        "claims": [instance.unit_path, instance.config_path, instance.env_path],
        "stateDir": instance.state_dir,
        "memoryMax": instance.limits.memory_max,
        "sandboxed": is_sandboxed(instance),
        "sandboxImages": sandbox_images(instance),
    }


def docker_order(fleet: Fleet, host_name: str) -> dict[str, Any]:
    """What a deploy may do about Docker on the host, so that its absence is nothing in the way."""
    asked = features_of(fleet, host_name)
    return {
        "install": asked.docker is not None and asked.docker.install,
        "group": asked.docker is not None,
        "image": asked.sandbox.image if asked.sandbox else None,
    }


def adoption_spec(instance: GatewayInstance, files: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """How a gateway that was made by hand is taken over; `files` are path, owner and mode of unit, .env and config."""
    return {
        **obstacle_spec(instance),
        "files": files,
        "env": instance.env_path,
        "own": sorted({*instance.env, *instance.secrets}),
    }


def whole_spec(instance: GatewayInstance, rollout: Rollout) -> dict[str, Any]:
    """Everything that day-2 verbs need."""
    return {
        **obstacle_spec(instance),
        "name": instance.name,
        "enabled": instance.enabled,
        "env": instance.env_path,
        "root": places_of(instance).root,
        "envUnknown": instance.env_unknown,
        "backupTimer": backup_timer(instance),
        "tailnetPort": route.https_port if (route := kept_route(instance)) else None,
        "before": [],
        **gate_spec(instance, rollout),
    }


def gate_spec(instance: GatewayInstance, rollout: Rollout) -> dict[str, Any]:
    """What the gateway is held to after a start, and what its own command needs to know of it."""
    smoke = Smoke() if rollout.smoke is True else rollout.smoke
    return {
        "policy": rollout.gate,
        "timeoutS": rollout.gate_timeout_s,
        "settleS": rollout.settle_s,
        # Behind a proxy that says who comes, a local command has nothing to show.
        "connects": value_at(instance.config, "gateway.auth.mode") != "trusted-proxy",
        "smoke": smoke.model_dump(by_alias=True) if smoke else None,
        "profile": "" if instance.profile == UNNAMED_PROFILE else instance.profile,
        "home": instance.home,
        "stateDir": instance.state_dir,
        "config": instance.config_path,
        "link": current_link(instance),
        "ownConfig": [places_of(instance).script("own_config"), overlay_path(instance), owned_path(instance)],
        "configMode": instance.config_mode,
        "backups": f"{places_of(instance).backups}/{instance.name}",
        "snapshots": rollout.snapshots,
        "autoRestoreState": rollout.auto_restore_state,
    }


def config_words(instance: GatewayInstance) -> list[str]:
    """What `own_config.py` is told: the file, and how the fleet owns it."""
    return [instance.config_path, instance.config_mode, *instance.force_paths]


def logs(instance: GatewayInstance) -> list[str]:
    """The files that a job of launchd prints to; a unit of systemd has the journal."""
    path = instance.log_path
    return [f"{path.removesuffix('.log')}.err.log", path] if instance.os == "darwin" else []


def backup_timer(instance: GatewayInstance) -> str:
    """The unit that makes backups of the gateway, on a Mac the label of its job."""
    if instance.os == "darwin":
        return f"ai.clawfleet.backup.{instance.name}"
    return f"openclaw-backup-{instance.name}.timer"
