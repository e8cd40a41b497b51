"""What the session tools are built from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clawfleet.config.models.root import Config
from clawfleet.sandbox.place import Closed
from clawfleet.tools.approvals import Approvals
from clawfleet.tools.conversations.seats import reach_of, redactor_of
from clawfleet.tools.exec_document import ExecDocument
from clawfleet.tools.exec_gate import ExecGate
from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.files.access import FileAccess
from clawfleet.tools.files.host import HostFloor
from clawfleet.tools.seat import Seat


def seat(config: dict[str, Any], *, sandboxed: bool) -> Seat:
    return Seat(
        config=Config.model_validate(config),
        agent_id="main",
        session_key="agent:main:main",
        place=Closed("gateway", ToolDenied("no")),
        gate=ExecGate(ExecDocument(Path("/nowhere")), Approvals()),
        files=FileAccess(HostFloor("/nowhere"), confined=True),
        environ={},
        sandboxed=sandboxed,
    )


def test_inside_a_sandbox_the_reach_is_shorter() -> None:
    """Unless the operator says otherwise."""
    wide = {"tools": {"sessions": {"visibility": "all"}}}
    assert reach_of(seat(wide, sandboxed=False)).mode == "all"
    assert reach_of(seat(wide, sandboxed=True)).clamped
    opened = {**wide, "agents": {"defaults": {"sandbox": {"sessionToolsVisibility": "all"}}}}
    assert reach_of(seat(opened, sandboxed=True)).mode == "all"


def test_the_configs_secrets_are_blacked_out() -> None:
    config = {"channels": {"telegram": {"botToken": "the-bots-token"}}}
    assert redactor_of(seat(config, sandboxed=False)).redact("is the-bots-token ok") == "is *** ok"
