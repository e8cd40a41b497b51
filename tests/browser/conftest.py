"""Tabs for the browser tests: each is watched, and a test fails when the page complained or called somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.scripted import SECURE, ScriptedGateway
from tests.support.steady_browser import launcher

WAIT_MS = 10_000
HEARD = """text => ({ heard: new Promise((resolve, reject) => {
    const banner = document.querySelector(".banner");
    const look = () => !banner.hidden && banner.textContent.includes(text) && resolve();
    new MutationObserver(look).observe(banner, { attributes: true, childList: true, subtree: true });
    setTimeout(() => reject(new Error(`the banner never said: ${text}`)), 30_000);
}) })"""


@contextmanager
def told_by_the_banner(page: Page, text: str) -> Iterator[None]:
    """What happens within it makes the banner of the page say this, however soon it says something else."""
    promise = page.evaluate_handle(HEARD, text)
    yield
    promise.evaluate("it => it.heard")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, headless. It ends with the module: its event loop must not be there when async tests run."""
    expect.set_options(timeout=WAIT_MS)
    program = launcher(tmp_path_factory.mktemp("browser"))
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


class Tab:
    """One tab in a context of its own. `tolerate` names console messages and hosts that the test itself provokes."""

    def __init__(self, context: BrowserContext, tolerate: tuple[str, ...]) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self._tolerate = tolerate
        self._complaints: list[str] = []
        self._hosts: set[str] = set()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self._complaints.append(str(error)))
        self.page.on("request", lambda request: self._hosts.add(urlsplit(request.url).netloc))
        self.page.on("websocket", lambda socket: self._hosts.add(urlsplit(socket.url).netloc))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(text in message.text for text in self._tolerate):
            self._complaints.append(f"{message.type}: {message.text}")

    def check(self) -> None:
        """Fails when the page logged an error (a policy violation is one) or talked to a second host."""
        assert self._complaints == []
        hosts = self._hosts.difference(self._tolerate)
        assert len(hosts) <= 1, f"the page called several hosts: {sorted(hosts)}"


class Tabs:
    """Opens tabs: `tabs(viewport=…, color_scheme=…)` gives a page of a browser that has seen nothing yet.

    With `beside`, it is one more tab of the browser of that page.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._opened: list[tuple[BrowserContext, Tab]] = []

    def __call__(self, *, tolerate: tuple[str, ...] = (), beside: Page | None = None, **options: Any) -> Page:
        context = beside.context if beside else self._browser.new_context(**options)
        tab = Tab(context, tolerate)
        self._opened.append((context, tab))
        return tab.page

    def close(self) -> None:
        """Closes all, then tells what was wrong in any of them."""
        for context, _ in self._opened:
            context.close()
        for _, tab in self._opened:
            tab.check()


@pytest.fixture
def tabs(browser: Browser) -> Iterator[Tabs]:
    """Tabs that are checked and closed after the test."""
    opened = Tabs(browser)
    yield opened
    opened.close()


@pytest.fixture
def scripted(tabs: Tabs) -> ScriptedGateway:
    """A page before a gateway that does what the test says."""
    return ScriptedGateway(tabs())


@pytest.fixture
def secured(tabs: Tabs) -> ScriptedGateway:
    """The same on localhost, where a browser makes keys."""
    return ScriptedGateway(tabs(), SECURE)
