"""The part of Docker's HTTP API that the sandbox uses, on a unix socket: containers are rows, programs are scripted.

A started program sends `said`, then ends with `code`; while `hold` is set it goes on until a program that carries
its mark as an argument (the one that ends others) is run. While `prompt` is not set, programs are not even made.
"""

from __future__ import annotations

import json
import re
import socketserver
import struct
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse


class FakeDocker(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Serves until `close()`; `requests` has (method, path without version, body) of every call."""

    daemon_threads = True
    request_queue_size = 128  # a full queue of a unix socket refuses; nobody waits there

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _Call)
        self.url = f"unix://{path}"
        self.images = {"image:1"}
        self.containers: dict[str, dict[str, Any]] = {}
        self.programs: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.processes = 2
        self.said = b""
        self.code = 0
        self.hold = False
        self.begun = threading.Event()
        self.prompt = threading.Event()
        self.prompt.set()
        self._ended = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._ended.set()
        self.prompt.set()
        self.shutdown()
        self.server_close()

    def bodies(self, path: str) -> list[Any]:
        """What was posted to paths that match."""
        return [body for method, at, body in self.requests if method == "POST" and re.fullmatch(path, at)]

    def run(self, program: dict[str, Any]) -> bytes:
        """The output of a program that was started; returns when it ends."""
        if program["Cmd"][3:4] == ["end"]:
            self._ended.set()
            program["code"] = 0
            return b""
        program["code"] = self.code
        return self.said


class _Call(BaseHTTPRequestHandler):
    server: FakeDocker
    protocol_version = "HTTP/1.1"

    def address_string(self) -> str:
        return "unix"

    def log_message(self, format: str, *args: object) -> None:
        """Stays quiet."""

    def do_GET(self) -> None:
        path, query = self._path()
        self.server.requests.append(("GET", path, query))
        if path == "/version":
            return self._answer(200, {"ApiVersion": "1.41"})
        if path == "/containers/json":
            return self._answer(200, self._listed(json.loads(query["filters"][0])["label"]))
        if match := re.fullmatch(r"/containers/([^/]+)/json", path):
            row = self.server.containers.get(match[1])
            return self._answer(200, row) if row else self._answer(404, {"message": f"No such container: {match[1]}"})
        if match := re.fullmatch(r"/exec/([^/]+)/json", path):
            program = self.server.programs[match[1]]
            return self._answer(200, {"Running": "code" not in program, "ExitCode": program.get("code")})
        return self._tell_more(path)

    def _tell_more(self, path: str) -> None:
        if match := re.fullmatch(r"/images/(.+)/json", path):
            known = match[1] in self.server.images
            return self._answer(200, {"Id": f"sha256:{match[1]}"}) if known else self._answer(404, {"message": "none"})
        if re.fullmatch(r"/containers/([^/]+)/top", path):
            return self._answer(200, {"Titles": ["CMD"], "Processes": [["x"]] * self.server.processes})
        return self._answer(500, {"message": "unexpected"})

    def do_POST(self) -> None:
        path, query = self._path()
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        self.server.requests.append(("POST", path, body))
        if path == "/containers/create":
            return self._create(query["name"][0], body)
        if match := re.fullmatch(r"/containers/([^/]+)/exec", path):
            if body["Cmd"][3:4] != ["end"]:
                self.server.prompt.wait(10)
            name = f"exec{len(self.server.programs)}"
            self.server.programs[name] = body
            return self._answer(201, {"Id": name})
        if match := re.fullmatch(r"/containers/([^/]+)/kill", path):
            known = match[1] in self.server.containers
            return self._answer(204, None) if known else self._answer(404, {"message": "No such container"})
        if match := re.fullmatch(r"/exec/([^/]+)/start", path):
            return self._start(self.server.programs[match[1]])
        return self._answer(204, None)

    def do_DELETE(self) -> None:
        path, _ = self._path()
        self.server.requests.append(("DELETE", path, None))
        name = path.rsplit("/", 1)[1]
        known = self.server.containers.pop(name, None)
        self._answer(204, None) if known else self._answer(404, {"message": "No such container"})

    def _create(self, name: str, body: dict[str, Any]) -> None:
        if body["Image"] not in self.server.images:
            return self._answer(404, {"message": f"No such image: {body['Image']}"})
        state = {"Running": False}
        config = {"Labels": body["Labels"], "Image": body["Image"]}
        row = {"Id": name, "Config": config, "State": state, "Image": f"sha256:{body['Image']}"}
        self.server.containers[name] = row
        return self._answer(201, {"Id": name})

    def _listed(self, labels: list[str]) -> list[dict[str, Any]]:
        wanted = {tuple(label.split("=", 1)) for label in labels}
        return [
            {
                "Id": name,
                "Names": [f"/{name}"],
                "State": "running",
                "Labels": row["Config"]["Labels"],
                "Image": row["Config"]["Image"],
                "ImageID": row["Image"],
            }
            for name, row in self.server.containers.items()
            if wanted <= set(row["Config"]["Labels"].items())
        ]

    def _start(self, program: dict[str, Any]) -> None:
        self.send_response(101)
        self.send_header("Content-Type", "application/vnd.docker.raw-stream")
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "tcp")
        self.end_headers()
        is_ender = program["Cmd"][3:4] == ["end"]
        said = self.server.run(program)
        for start in range(0, len(said), 4_096):
            piece = said[start : start + 4_096]
            self.wfile.write(struct.pack(">BxxxL", 1 + start % 2, len(piece)) + piece)
        self.wfile.flush()
        self.server.begun.set()
        if self.server.hold and not is_ender:
            self.server._ended.wait(10)
        self.close_connection = True

    def _path(self) -> tuple[str, dict[str, list[str]]]:
        url = urlparse(self.path)
        return re.sub(r"^/v\d+\.\d+", "", url.path), parse_qs(url.query)

    def _answer(self, status: int, body: Any) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
