"""What a Mac does by itself besides its gateways: backups at a time of day, and ports of other hosts kept open."""

from __future__ import annotations

import json
import plistlib
from collections.abc import Mapping
from typing import Any

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.launchd_calendar import start_calendar_interval
from clawfleet.fleet.models.fleet import Fleet, Rollout
from clawfleet.fleet.models.host import Tunnel
from layout import current_link, places_of, records
from operations.jobs import loaded_job, no_job, no_other_jobs
from operations.placed import secret_file
from shell import HiddenText, Target
from specs import backup_timer, whole_spec
from tasks.tunnels import ssh_words

TUNNEL = "ai.openclaw.ssh-tunnel."
FORMER_TUNNEL = "com.openclaw.ssh-tunnel"


def place_mac_backups(instance: GatewayInstance, rollout: Rollout) -> None:
    """The job waits for its hour, or is gone."""
    label, wanted, places = backup_timer(instance), instance.backup, places_of(instance)
    if wanted is None:
        no_job(name=f"gateway {instance.name}: no {label}", label=label)
        return
    order = f"{records(instance)}/backup.json"
    asked = {"gateways": [whole_spec(instance, rollout)], "keep": wanted.keep, "by": label}
    words = [f"{current_link(instance)}/bin/python", places.script("backup_timer"), order]
    table = job(label, words, f"{places.root}/log/{label}.log")
    table |= {"StartCalendarInterval": start_calendar_interval(wanted.at), "Nice": 10}
    texts = {
        Target(order, places.owner, "600"): json.dumps(asked, sort_keys=True) + "\n",
        job_file(instance, label): plist(table),
    }
    placed = [
        secret_file(
            name=f"gateway {instance.name}: {target.path.rpartition('/')[2]}", target=target, content=HiddenText(text)
        )
        for target, text in texts.items()
    ]
    loaded_job(name=f"gateway {instance.name}: {label} waits", label=label, after=placed)


def place_mac_tunnels(fleet: Fleet, instance: GatewayInstance) -> None:
    """Tunnels of the host of a gateway run, former ones are gone."""
    tunnels = fleet.hosts[instance.host].tunnels
    for name, tunnel in tunnels.items():
        label = f"{TUNNEL}{name}"
        text = plist(tunnel_job(instance, label, tunnel))
        placed = secret_file(name=label, target=job_file(instance, label), content=HiddenText(text))
        loaded_job(name=f"{label} runs", label=label, after=[placed])
    wanted = [f"{TUNNEL}{name}" for name in tunnels]
    no_other_jobs(name="no other tunnels", directory=instance.unit_dir, prefix=TUNNEL, wanted=wanted)
    if tunnels:
        no_job(name=f"no {FORMER_TUNNEL}", label=FORMER_TUNNEL)


def tunnel_job(instance: GatewayInstance, label: str, tunnel: Tunnel) -> dict[str, Any]:
    """ssh, started again whenever it ends."""
    log = f"{instance.log_path.rpartition('/')[0]}/{label}.log"  # a daemon of the user writes there itself
    table = job(label, ["/usr/bin/ssh", *ssh_words(tunnel, instance.home)], log)
    user = {"UserName": instance.os_user} if instance.service == "system" else {}
    return table | {"RunAtLoad": True, "KeepAlive": True, "ThrottleInterval": 5} | user


def job(label: str, words: list[str], log: str) -> dict[str, Any]:
    """What all of them have."""
    return {
        "Label": label,
        "ProgramArguments": words,
        "ProcessType": "Background",
        "StandardOutPath": log,
        "StandardErrorPath": log,
        "Umask": 63,
    }


def job_file(instance: GatewayInstance, label: str) -> Target:
    """Beside the gateways' own."""
    return Target(f"{instance.unit_dir}/{label}.plist", places_of(instance).owner, "644")


def plist(table: Mapping[str, Any]) -> str:
    """A property list."""
    return plistlib.dumps(dict(table)).decode()
