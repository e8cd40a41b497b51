"""A gateway inside the test: serves the real UI files to one page and speaks the protocol as the test tells it to."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from playwright.sync_api import Page, Route, WebSocketRoute
from starlette.testclient import TestClient

from clawfleet.server.http_ui import mount_ui

LAN = "ui.test"  # no address of this machine: such a page is no secure context, as on a plain-HTTP LAN
SECURE = "localhost"
LIMIT_S = 30.0
MAIN = "agent:main:main"
Answer = Callable[[dict[str, Any]], Any]


class Refusal(Exception):
    """Raised by an answer: the method fails with this error."""

    def __init__(self, message: str, code: str = "INVALID_REQUEST", **more: Any) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, **more}


class ScriptedGateway:
    """Answers from `answers` (method → function of its params); everything the page asked is in `asked`."""

    def __init__(self, page: Page, host: str = LAN) -> None:
        self.page = page
        self.url = f"http://{host}/"
        self.challenge: dict[str, Any] = {"nonce": "n", "ts": 1}
        self.auth: dict[str, Any] = {}
        self.history: dict[str, Any] = {"messages": []}
        self.sockets: list[WebSocketRoute] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.tick_ms = 30_000
        self._seq = 0
        self.answers: dict[str, Answer] = {
            "connect": self._hello,
            "chat.history": lambda _: self.history,
            "chat.send": lambda params: {"runId": params["idempotencyKey"], "status": "started"},
            "chat.abort": lambda _: {"ok": True, "aborted": True, "runIds": []},
            "sessions.list": lambda _: {"sessions": [{"key": MAIN, "updatedAt": 1}], "defaults": {}},
        }
        app = FastAPI(openapi_url=None, docs_url=None)
        mount_ui(app, instance_id="scripted")
        self._files = TestClient(app, base_url=self.url)
        page.route(f"{self.url}**", self._serve)
        page.route_web_socket(f"ws://{host}/**", self._accept)

    def open(self, path: str = "#token=right") -> Page:
        """Goes to the UI."""
        self.page.goto(self.url + path)
        return self.page

    def emit(self, event: str, payload: dict[str, Any], *, skip: int = 0) -> None:
        """Sends an event; with `skip`, as if that many before it were lost."""
        self._seq += 1 + skip
        self.sockets[-1].send(json.dumps({"type": "event", "event": event, "payload": payload, "seq": self._seq}))

    def chat(self, run_id: str, state: str, text: str | None = None, **more: Any) -> None:
        """Sends a `chat` event of the main session."""
        message = {"role": "assistant", "content": [{"type": "text", "text": text}], "timestamp": 1_750_000_000_000}
        payload = {"runId": run_id, "sessionKey": MAIN, "seq": 1, "state": state, **more}
        self.emit("chat", payload if text is None else {**payload, "message": message})

    def agent(self, run_id: str, stream: str, ts: int = 0, **data: Any) -> None:
        """Sends an `agent` event of the main session."""
        self.emit("agent", {"runId": run_id, "sessionKey": MAIN, "stream": stream, "data": data, "seq": 1, "ts": ts})

    def drop(self, code: int = 1012, reason: str = "service restart") -> None:
        """Closes the present socket as a restarting gateway does, or for another reason."""
        self.sockets[-1].close(code=code, reason=reason)

    def params(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of `method` so far."""
        return [params for name, params in self.asked if name == method]

    def say(self, text: str) -> str:
        """Types and sends a message; the id of its run."""
        before = len(self.params("chat.send"))
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.keyboard.press("Enter")
        self.wait(lambda: len(self.params("chat.send")) > before)
        return str(self.params("chat.send")[-1]["idempotencyKey"])

    def wait(self, condition: Callable[[], bool]) -> None:
        """Returns when `condition` holds; looks again at each frame of the page. Fails at the page's deadline."""
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, f"the page never asked for it; it asked {self.asked}"
            self.page.evaluate("() => new Promise(requestAnimationFrame)")

    def _serve(self, route: Route) -> None:
        reply = self._files.get(route.request.url, headers={"accept-encoding": "identity"})
        route.fulfill(status=reply.status_code, headers=dict(reply.headers), body=reply.content)

    def _accept(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        self._seq = 0
        socket.on_message(lambda text: self._answer(socket, json.loads(text)))
        socket.send(json.dumps({"type": "event", "event": "connect.challenge", "payload": self.challenge}))

    def _answer(self, socket: WebSocketRoute, frame: dict[str, Any]) -> None:
        method, params = frame["method"], frame.get("params") or {}
        self.asked.append((method, params))
        reply: dict[str, Any] = {"type": "res", "id": frame["id"]}
        try:
            if method not in self.answers:
                raise Refusal(f"unknown method: {method}")
            reply |= {"ok": True, "payload": self.answers[method](params)}
        except Refusal as refusal:
            reply |= {"ok": False, "error": refusal.error}
        socket.send(json.dumps(reply))
        if method == "connect" and not reply["ok"]:
            socket.close(code=1008, reason=reply["error"]["message"])

    def _hello(self, params: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "hello-ok",
            "protocol": 4,
            "server": {"version": "9.9.9", "connId": "c"},
            "features": {"methods": list(self.answers), "events": []},
            "snapshot": {
                "presence": [{"mode": "gateway", "reason": "self"}, {"mode": "webchat", "reason": "connect"}],
                "health": {"ok": True},
                "stateVersion": {"presence": 1, "health": 1},
                "uptimeMs": 3_900_000,
                "stateDir": "/srv/claw/a",
                "sessionDefaults": {"defaultAgentId": "main", "mainSessionKey": MAIN},
            },
            "auth": {"method": "token", "role": "operator", "scopes": params["scopes"], **self.auth},
            "policy": {"maxPayload": 1, "maxBufferedBytes": 1, "tickIntervalMs": self.tick_ms},
        }
