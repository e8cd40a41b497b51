"""Backups that a host makes of a gateway by itself, when the fleet file says so."""

from __future__ import annotations

import json

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.fleet import Rollout
from layout import LINUX, records
from operations.placed import secret_file
from operations.units import no_unit, running_unit
from shell import HiddenText, Target
from specs import backup_timer, whole_spec

SERVICE = """[Unit]
Description=Backup of the OpenClaw gateway {name}

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 {scripts}/backup_timer.py {order}
Nice=10
IOSchedulingClass=idle
"""
TIMER = """[Unit]
Description=Backups of the OpenClaw gateway {name}

[Timer]
OnCalendar={at}
RandomizedDelaySec=15min
Persistent=true

[Install]
WantedBy=timers.target
"""


def place_backups(instance: GatewayInstance, rollout: Rollout) -> None:
    """The timer waits, or is gone."""
    timer = backup_timer(instance)
    wanted = instance.backup if instance.enabled else None
    if wanted is None:
        no_unit(name=f"gateway {instance.name}: no {timer}", unit=timer)
        return
    order = f"{records(instance)}/backup.json"
    asked = {"gateways": [whole_spec(instance, rollout)], "keep": wanted.keep, "by": timer}
    texts = {
        order: json.dumps(asked, sort_keys=True) + "\n",
        f"/etc/systemd/system/{timer.replace('.timer', '.service')}": SERVICE.format(
            name=instance.name, scripts=LINUX.scripts, order=order
        ),
        f"/etc/systemd/system/{timer}": TIMER.format(name=instance.name, at=wanted.at),
    }
    placed = [
        secret_file(
            name=f"gateway {instance.name}: {path.rpartition('/')[2]}",
            target=Target(path, "root", "600" if path == order else "644"),
            content=HiddenText(text),
        )
        for path, text in texts.items()
    ]
    running_unit(name=f"gateway {instance.name}: {timer} waits", unit=timer, after=placed)
