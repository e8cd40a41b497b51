"""What tools are built from keeps secrets to itself."""

from __future__ import annotations

from pathlib import Path

from clawfleet.config.models.root import Config
from clawfleet.core.errors import ToolError
from clawfleet.sandbox.place import Closed
from clawfleet.tools.approvals import Approvals
from clawfleet.tools.exec_document import ExecDocument
from clawfleet.tools.exec_gate import ExecGate
from clawfleet.tools.files.access import FileAccess
from clawfleet.tools.files.host import HostFloor
from clawfleet.tools.seat import Seat


def test_the_gateway_s_environment_is_not_shown(tmp_path: Path) -> None:
    """A seat may end in a log line or a traceback."""
    gate = ExecGate(ExecDocument(tmp_path), Approvals())
    place = Closed("gateway", ToolError("nowhere"))
    seat = Seat(
        config=Config(),
        agent_id="main",
        session_key="agent:main:main",
        place=place,
        gate=gate,
        files=FileAccess(HostFloor(None), confined=False),
        environ={"KEY": "hidden-value"},
    )
    assert "hidden-value" not in repr(seat)
