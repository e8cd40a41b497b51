"""The original's own Control UI, unpatched, before a real gateway: a large download, so only on demand.

It is served by a server of its own and told by its link which gateway to use.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.support.fake_openai import openai_in_process
from tests.support.gateway import GatewayProcess
from tests.support.published_page import folder, published_page

pytestmark = [pytest.mark.browser, pytest.mark.npm, pytest.mark.full]

ERRORS = ".callout.danger, .chat-history-error, .cron-error-banner, .systems-callout--error, .sw-error"
ROUTES = [
    "/agents",
    "/dashboards",
    "/systems",
    "/automations",
    "/plugins",
    "/settings",
    "/activity/gateway-owner",
    "/sessions",
    "/config",
    "/logs",
    "/usage",
    "/skills",
    "/channels",
    "/nodes",
    "/devices",
    "/debug",
    "/settings/agents",
    "/settings/model-providers",
    "/settings/devices",
    "/settings/connection",
    "/settings/approvals",
    "/settings/secrets",
    "/settings/security",
    "/settings/updates",
    "/settings/memory",
    "/settings/talk",
    "/settings/profile",
    "/new?agent=main",
]
TRUE = {"/automations": "Scheduler disabled"}
"""What a page rightly says of this gateway in the manner of an error."""
WAIT_MS = 15_000


@dataclass
class Wire:
    """What went over the sockets of a page: requests by id, and the answers that were refusals."""

    asked: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    refused: list[tuple[str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def watch(self, socket: WebSocket) -> None:
        """A new socket is that of a new page: what the one before still asks is of no matter."""
        self.open = waiting = set[str]()
        socket.on("framesent", lambda data: self._sent(waiting, data))
        socket.on("framereceived", lambda data: self._received(waiting, data))

    def unknown(self) -> set[str]:
        """The methods that the gateway said it does not have."""
        return {method for method, message in self.refused if message.startswith("unknown method")}

    def _sent(self, waiting: set[str], data: str | bytes) -> None:
        frame = json.loads(data)
        self.asked[frame["id"]] = frame["method"]
        waiting.add(frame["id"])

    def _received(self, waiting: set[str], data: str | bytes) -> None:
        frame = json.loads(data)
        if frame["type"] == "event":
            self.events.append(frame)
        else:
            waiting.discard(frame["id"])
            if not frame["ok"]:
                self.refused.append((self.asked.get(frame["id"], ""), frame["error"]["message"]))


@dataclass
class Room:
    """A gateway, the address of the page, and a browser that has been let in once."""

    gateway: GatewayProcess
    url: str
    page: Page
    wire: Wire


@pytest.fixture(scope="module")
def room(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """The page, connected with the token of the link as a new device, which this machine's browsers become silently."""
    with openai_in_process() as fake, published_page() as url:
        config = {
            "models": {"providers": {"fake": fake.provider("fake-1", "slow")}},
            "agents": {"entries": {"main": {"model": "fake/fake-1"}}},
        }
        gateway = GatewayProcess(tmp_path_factory.mktemp("page"), config)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        try:
            gateway.start()
            page, wire = context.new_page(), Wire()
            page.set_default_timeout(WAIT_MS)
            page.on("websocket", wire.watch)
            page.goto(f"{url}/#token={gateway.token}&gatewayUrl={quote(gateway.ws_url, safe='')}")
            page.get_by_role("button", name="Switch to").click()
            expect(page.get_by_text("Connected", exact=True)).to_be_visible(timeout=WAIT_MS)
            yield Room(gateway, url, page, wire)
        finally:
            context.close()
            gateway.kill()


def settle(room: Room) -> None:
    """Waits until the page has asked something and has had all its answers for half a second."""
    quiet, deadline = 0, time.monotonic() + WAIT_MS / 1000
    while quiet < 5:
        assert time.monotonic() < deadline, f"no answer to {[room.wire.asked.get(name) for name in room.wire.open]}"
        room.page.wait_for_timeout(100)
        quiet = 0 if room.wire.open or not room.wire.asked else quiet + 1


def visit(room: Room, route: str) -> None:
    room.wire.asked.clear()
    room.page.goto(room.url + route)
    settle(room)


def errors_on(page: Page) -> list[str]:
    """What the page complains of."""
    shown = [each.inner_text() for each in page.locator(ERRORS).all() if each.is_visible()]
    return shown + (["unknown method"] if "unknown method" in page.inner_text("body") else [])


def test_a_chat_has_one_bubble_each_and_again_after_a_reload(room: Room) -> None:
    """What was typed and what was answered stand once, while it streams, after it, and after a reload."""
    page = room.page
    settle(room)
    assert errors_on(page) == []
    box = page.locator("textarea").first
    box.fill("hello from the page")
    box.press("Enter")
    for _ in range(2):
        expect(page.locator(".chat-group.user .chat-bubble")).to_have_count(1)
        expect(page.locator(".chat-group.assistant .chat-bubble")).to_have_count(1)
        expect(page.locator(".chat-group.assistant .chat-bubble")).to_contain_text("hello from the page")
        settle(room)
        assert errors_on(page) == []
        page.reload()
    deltas = [e for e in room.wire.events if e["event"] == "chat" and e["payload"]["state"] == "delta"]
    assert len(deltas) > 1


def test_the_session_is_on_its_list(room: Room) -> None:
    room.page.goto(f"{room.url}/sessions")
    expect(room.page.locator("table")).to_contain_text("main")


def test_a_session_of_the_usage_page_opens(room: Room) -> None:
    visit(room, "/usage")
    room.page.locator(".session-bar-row").first.click()
    settle(room)
    assert "sessions.usage.timeseries" in room.wire.asked.values()
    assert errors_on(room.page) == []


def test_no_page_shows_an_error(room: Room) -> None:
    """All pages in one go, as the program is large and each is loaded anew."""
    shown = {}
    for route in ROUTES:
        visit(room, route)
        if texts := [text for text in errors_on(room.page) if not text.startswith(TRUE.get(route, "\n"))]:
            shown[route] = texts
    assert shown == {}


def test_it_asks_for_nothing_that_the_gateway_does_not_know(room: Room) -> None:
    """After all the pages above."""
    assert room.wire.unknown() == set()


def test_the_gateway_serves_the_page_itself_from_its_folder(browser: Browser, tmp_path: Path) -> None:
    """`gateway.controlUi.root`, below a prefix: no script is kept from running, nothing is missing, it connects."""
    gateway = GatewayProcess(tmp_path, {"gateway": {"controlUi": {"root": str(folder()), "basePath": "/claw"}}})
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    faults: list[str] = []
    try:
        gateway.start()
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto(f"{gateway.url}/claw/#token={gateway.token}")
        expect(page.get_by_text("Connected", exact=True)).to_be_visible(timeout=WAIT_MS)
        page.goto(f"{gateway.url}/claw/settings/agents")
        expect(page.get_by_role("heading", name="Identity")).to_be_visible(timeout=WAIT_MS)
    finally:
        context.close()
        gateway.kill()
    assert faults == []
