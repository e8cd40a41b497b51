"""A command line with its own home, and a scripted gateway on a real socket for it to talk to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import pytest
from click.testing import CliRunner, Result
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from clawfleet.cli.context import CliContext
from clawfleet.cli.main import cli
from clawfleet.host.lock import StateLock
from tests.support.fake_service import FakeDaemon

TOKEN = "t0ken-of-the-tests"
HEALTH = {
    "ok": True,
    "agents": [{"agentId": "main", "isDefault": True}],
    "sessions": {"count": 2, "recent": []},
    "channels": {},
}
STATUS = {"runtimeVersion": "0.1.0", "sessions": {"count": 2, "defaults": {"modelProvider": "demo", "model": "echo"}}}

Answer = Callable[["FakeGateway", ServerConnection, dict[str, Any]], None]


class FakeGateway:
    """Answers `connect` as a gateway does, then methods from `answers`: a payload, or a function that sends frames."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"health": HEALTH, "status": STATUS}
        self.requests: list[dict[str, Any]] = []
        self.scopes = ["operator.admin"]
        self.methods = ["health", "status"]
        self.tokens = {TOKEN}
        self.issues: str | None = None
        self.first_frame: str = json.dumps(
            {"type": "event", "event": "connect.challenge", "payload": {"nonce": "n", "ts": 1}}
        )
        self.server: Server = serve(self._serve, "127.0.0.1", 0, process_request=self._http, compression=None)
        self.port = int(self.server.socket.getsockname()[1])
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Parameters of all requests for a method."""
        return [request.get("params") for request in self.requests if request["method"] == method]  # type: ignore[misc]

    def close(self) -> None:
        self.server.shutdown()
        self._thread.join(30)

    @staticmethod
    def ok(socket: ServerConnection, request: Mapping[str, Any], payload: Any) -> None:
        socket.send(json.dumps({"type": "res", "id": request["id"], "ok": True, "payload": payload}))

    @staticmethod
    def fail(socket: ServerConnection, request: Mapping[str, Any], error: Mapping[str, Any]) -> None:
        socket.send(json.dumps({"type": "res", "id": request["id"], "ok": False, "error": error}))

    @staticmethod
    def event(socket: ServerConnection, name: str, payload: Mapping[str, Any]) -> None:
        socket.send(json.dumps({"type": "event", "event": name, "payload": payload}))

    def _http(self, _: ServerConnection, request: Request) -> Response | None:
        if request.path != "/startupz":
            return None
        body = json.dumps({"ok": True, "status": "started", "version": "0.1.0", "uptimeMs": 1}).encode()
        return Response(HTTPStatus.OK, "OK", Headers({"Content-Length": str(len(body))}), body)

    def _serve(self, socket: ServerConnection) -> None:
        socket.send(self.first_frame)
        try:
            for data in socket:
                request = json.loads(data)
                self.requests.append(request)
                self._answer(socket, request)
        except ConnectionClosed:
            pass

    def _answer(self, socket: ServerConnection, request: dict[str, Any]) -> None:
        method = request["method"]
        if method == "connect":
            self._connect(socket, request)
        elif method not in self.answers:
            self.fail(socket, request, {"code": "INVALID_REQUEST", "message": f"unknown method: {method}"})
        elif callable(answer := self.answers[method]):
            answer(self, socket, request)
        else:
            self.ok(socket, request, answer)

    def _connect(self, socket: ServerConnection, request: dict[str, Any]) -> None:
        auth = request["params"]["auth"]
        code = "AUTH_DEVICE_TOKEN_MISMATCH" if "deviceToken" in auth else "AUTH_TOKEN_MISMATCH"
        if auth.get("token") not in self.tokens:
            message = "unauthorized: gateway token mismatch (provide gateway auth token/password)"
            self.fail(
                socket,
                request,
                {
                    "code": "INVALID_REQUEST",
                    "message": message,
                    "details": {"code": code},
                },
            )
            socket.close(1008, message)
            return
        is_probe = request["params"]["client"]["mode"] == "probe"
        hello: dict[str, Any] = {
            "type": "hello-ok",
            "protocol": 4,
            "server": {"version": "0.1.0", "connId": "c"},
            "features": {"methods": self.methods, "events": []},
            "auth": {"method": "token", "role": "operator", "scopes": [] if is_probe else self.scopes},
        }
        if self.issues is not None:
            hello["auth"] |= {"deviceToken": self.issues}
        self.ok(socket, request, hello)


class Home:
    """An instance's place under a temporary home."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state_dir = root / ".openclaw"
        self.store_dir = self.state_dir / "clawfleet"
        self.config_path = self.state_dir / "openclaw.json"
        self.environ = {"HOME": str(root), "OPENCLAW_LOG_DIR": str(root)}
        self.state_dir.mkdir()

    def write_config(self, text: str) -> None:
        self.config_path.write_text(text, encoding="utf-8")


class OpenClaw(Protocol):
    """`openclaw(*args)` runs one command line in the test's home."""

    def __call__(self, *args: str, stdin: str | None = None, **environ: str) -> Result: ...


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def openclaw(home: Home) -> OpenClaw:
    """Runs a command line in this process, with its own home and none of the machine's environment."""

    def run(*args: str, stdin: str | None = None, **environ: str) -> Result:
        context = CliContext(environ=home.environ | environ, cwd=home.root)
        return CliRunner().invoke(cli, list(args), obj=context, input=stdin)

    return run


@pytest.fixture
def fake() -> Iterator[FakeGateway]:
    """A gateway that belongs to nobody."""
    gateway = FakeGateway()
    yield gateway
    gateway.close()


@pytest.fixture
def own(fake: FakeGateway, home: Home) -> Iterator[FakeGateway]:
    """A gateway that is this home's own: it holds the state lock, and the home's config has its token."""
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": TOKEN}}}))
    with ExitStack() as stack:
        lock = StateLock.acquire(home.store_dir, port=fake.port, config_path=home.config_path)
        stack.callback(lock.release)
        yield fake


@pytest.fixture
def service(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDaemon]:
    """The background service that every command of this home finds; not installed at first."""
    fake = FakeDaemon(home.root / "units" / "openclaw-gateway.service", home.store_dir)
    fake.file.parent.mkdir()
    monkeypatch.setattr("clawfleet.cli.service_door.own_service", lambda *_: fake)
    monkeypatch.setattr("clawfleet.cli.service_report.own_service", lambda *_: fake)
    yield fake
    fake.kill()


@pytest.fixture(autouse=True)
def no_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine has registered is none of a test's business."""
    monkeypatch.setattr("clawfleet.host.service_search.SYSTEM_UNITS", tmp_path / "system")
    monkeypatch.setattr("clawfleet.host.service_search.PACKAGED_UNITS", ())


@pytest.fixture
def fleet_orders(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The orders that the recipes would get; none is carried out."""
    orders: list[dict[str, Any]] = []

    def keep(words: list[str]) -> None:
        orders.append(json.loads(words[2]))

    monkeypatch.setattr("clawfleet.cli.fleet_hands.replace_process", keep)
    return orders
