"""How a host itself is kept: its ssh server, its journal, its security updates. Source: deploy §4.1, §4.4."""

from __future__ import annotations

from pydantic import Field

from clawfleet.fleet.models.base import Bytes, LoginName, Section


class Ssh(Section):
    """The host's ssh server lets keys in and no passwords."""

    allow_users: list[LoginName] = Field(
        default_factory=list, description="Who may log in, besides the user of `connect`; empty: everybody with a key."
    )
    dead_man_s: int = Field(120, ge=5, le=3600, description="Seconds after which a change that locks us out goes back.")


class Journal(Section):
    """How much the host's journal may grow to."""

    max_use: Bytes = Field("1G", description="SystemMaxUse of journald.")


class Updates(Section):
    """Security updates come by themselves; nothing reboots and no gateway restarts because of them."""
