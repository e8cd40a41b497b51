"""A gateway as the scripts on its host are told of it: where everything lies and how it is held to the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from clawfleet.fleet.instance import UNNAMED_PROFILE, GatewayInstance
from clawfleet.fleet.models.fleet import Rollout
from layout import CONFIG_SCRIPT, ROOT, current_link, overlay_path, owned_path, records, stamp_path


def unit_spec(instance: GatewayInstance) -> dict[str, Any]:
    """How a script finds the unit and what it serves."""
    return {
        "scope": instance.service,
        "user": instance.os_user,
        "unit": instance.unit,
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
        "otherUnit": f"{other.unit_dir}/{other.unit}",
        "claims": [f"{instance.unit_dir}/{instance.unit}", instance.config_path, instance.env_path],
        "stateDir": instance.state_dir,
        "memoryMax": instance.limits.memory_max,
        "sandboxed": is_sandboxed(instance),
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
        "profile": "" if instance.profile == UNNAMED_PROFILE else instance.profile,
        "home": instance.home,
        "env": instance.env_path,
        "config": instance.config_path,
        "workspace": instance.workspace,
        "unitPath": f"{instance.unit_dir}/{instance.unit}",
        "link": current_link(instance),
        "root": ROOT,
        "ownConfig": [CONFIG_SCRIPT, overlay_path(instance), owned_path(instance)],
        "configMode": instance.config_mode,
        "envUnknown": instance.env_unknown,
        "backupTimer": backup_timer(instance),
        "backups": f"/var/backups/clawfleet/{instance.name}",
        "policy": rollout.gate,
        "timeoutS": rollout.gate_timeout_s,
        "before": [],
    }


def config_words(instance: GatewayInstance) -> list[str]:
    """What `own_config.py` is told: the file, and how the fleet owns it."""
    return [instance.config_path, instance.config_mode, *instance.force_paths]


def backup_timer(instance: GatewayInstance) -> str:
    """The unit that makes backups of the gateway."""
    return f"openclaw-backup-{instance.name}.timer"


def is_sandboxed(instance: GatewayInstance) -> bool:
    """Whether agents of the gateway run their tools in containers."""
    agents = instance.config.get("agents")
    defaults = agents.get("defaults") if isinstance(agents, dict) else None
    sandbox = defaults.get("sandbox") if isinstance(defaults, dict) else None
    return isinstance(sandbox, dict) and sandbox.get("mode") not in {None, "off"}
