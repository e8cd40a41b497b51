"""A small server on loopback that answers every request by HTTPS, with a certificate of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from clawfleet.core.certificate import read_certificate
from tests.support.certificates import Authority


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "ok": True, "status": "started", "ready": True}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(HTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: clients without TLS, or without trust, are what is tested."""


@contextmanager
def https_server(folder: Path) -> Iterator[tuple[int, str]]:
    """Its port and the fingerprint of its certificate."""
    signed = Authority().sign("gateway.example")
    server = _Server(("127.0.0.1", 0), _Answers)
    server.socket = signed.server(folder).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port, read_certificate(signed.cert).fingerprint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
