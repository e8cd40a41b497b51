"""The first owner: whoever is let in first may give commands, when the config names nobody yet.

Source: channels §2.3 (approving).
"""

from __future__ import annotations

from typing import Literal

from clawfleet.config.change import Planned, carry_out, plan_set
from clawfleet.config.env import Instance
from clawfleet.config.load import check_text
from clawfleet.core.errors import ConfigError, HostError, RequestError

OWNERS = ("commands", "ownerAllowFrom")

Claim = Literal["configured", "already-configured", "unavailable"]


def claim_ownership(instance: Instance, channel: str, sender_id: str) -> Claim:
    """Write `channel:sender` as the command owner into the config, unless it names one; the rest stays as it is.

    `unavailable`: the file is broken, read-only, or not there to be changed. Blocks on the disk.
    """

    def plan(old: str | None) -> Planned:
        snapshot = check_text(instance, old) if old is not None else None
        if old is not None and snapshot is not None and snapshot.config.commands.owner_allow_from:
            return Planned(old, (), snapshot, snapshot)
        return plan_set(instance, old, OWNERS, [f"{channel}:{sender_id}"])

    try:
        changed, _ = carry_out(instance, plan)
    except (ConfigError, HostError, RequestError):
        return "unavailable"
    return "configured" if changed else "already-configured"
