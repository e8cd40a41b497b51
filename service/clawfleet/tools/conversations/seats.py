"""What the session tools are built from: how far a session sees, and what is blacked out of what it reads."""

from __future__ import annotations

from clawfleet.config.secret_refs import secrets_in
from clawfleet.sandbox.spec import settings_for
from clawfleet.secrets.redact import Redactor
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.seat import Seat


def reach_of(seat: Seat) -> Reach:
    """How far the session of `seat` sees; inside a sandbox mostly only what it spawned."""
    sandbox = settings_for(seat.config.agents, seat.agent_id)
    clamped = seat.sandboxed and sandbox.session_tools_visibility == "spawned"
    return Reach.of(seat.config, seat.agent_id, seat.session_key, clamped=clamped)


def redactor_of(seat: Seat) -> Redactor:
    """Blacks out the secrets of the config, and what looks like one."""
    return Redactor(secrets_in(seat.config))
