"""A gateway and its unit that do as a test says."""

from __future__ import annotations

import http.server
import json
import os
from typing import Any

from systemd_unit import Unit

GOOD: dict[str, Any] = {
    "/healthz": {"ok": True, "status": "live"},
    "/startupz": {"ok": True, "status": "started", "version": "1.0.0"},
    "/readyz": {"ready": True, "failing": []},
}
ACTIVE = {"ActiveState": "active", "SubState": "running", "ExecMainStatus": "0", "NRestarts": "0"}


class FakeUnit(Unit):
    """A unit whose properties the test decides; `verbs` records what was asked of the service manager."""

    def __init__(self, spec: dict[str, Any]) -> None:
        super().__init__(spec)
        self.state = {**ACTIVE, "MainPID": str(os.getpid()), "UnitFileState": "enabled", "NeedDaemonReload": "no"}
        self.verbs: list[str] = []

    def systemctl(self, *words: str) -> Any:
        self.verbs.append(words[0])
        return type("Done", (), {"returncode": 0, "stdout": "", "stderr": ""})()

    def show(self) -> dict[str, str]:
        return self.state

    def journal(self, lines: int) -> list[str]:
        return ["started with token s3cr3t-s3cr3t"]


class Answers(http.server.ThreadingHTTPServer):
    """Answers GET with what `bodies` holds, anything else with a web page."""

    bodies: dict[str, Any]


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Answers)
        body = self.server.bodies.get(self.path)
        self.send_response(200 if body is None or body.get("ok", body.get("ready")) else 503)
        self.end_headers()
        self.wfile.write(b"<html>" if body is None else json.dumps(body).encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet."""
