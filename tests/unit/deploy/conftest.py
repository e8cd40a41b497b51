"""The recipes need pyinfra, which is an extra."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyinfra", reason="pyinfra is not installed: pip install -e '.[deploy]'")

import audit
from tests.unit.deploy.standins import GOOD, Answering, Answers


@pytest.fixture
def server() -> Iterator[Answers]:
    """A good gateway on a port of its own."""
    made = Answers(("127.0.0.1", 0), Answering)
    made.bodies = {path: dict(body) for path, body in GOOD.items()}
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def wish(server: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the recipe asks for."""
    monkeypatch.setattr(audit, "LOG", tmp_path / "log" / "audit.log")
    (tmp_path / ".env").write_text("OPENCLAW_GATEWAY_TOKEN='s3cr3t-s3cr3t'\n")
    return {
        "id": "edge/ops",
        "scope": "system",
        "user": "root",
        "unit": "openclaw-gateway-ops.service",
        "port": server.server_address[1],
        "stamp": str(tmp_path / "applied.json"),
        "restart": True,
        "enabled": True,
        "env": str(tmp_path / ".env"),
        "applied": "f00d",
        "release": "1.0.0-abcdef01",
        "version": "1.0.0",
        "policy": "ready",
        "timeoutS": 0,
        "settleS": 0,
        "connects": False,
        "smoke": None,
        "before": [],
    }
