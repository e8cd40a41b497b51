"""`/stop`: whatever runs in the session ends. It is done at the door, before anything is kept (`rpc.chat`)."""

from __future__ import annotations

from clawfleet.agents.commands.base import Command

STOP = Command("stop", "Stop the current run.", "session", None)
