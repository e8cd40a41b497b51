"""Getting in: the token of the link, the connect panel, refusals that say what to do, and coming back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Tabs
from tests.fakes.launchd.mac import Mac
from tests.support.gateway import GatewayFactory, GatewayProcess

pytestmark = pytest.mark.browser

STORED = """() => ({
    session: {...sessionStorage}, local: {...localStorage}, url: location.href, entries: history.length,
})"""


def open_room(page: Page, gateway: GatewayProcess) -> None:
    """Opens the link that the gateway's operator was given, and waits until it is connected."""
    page.goto(f"{gateway.url}/#token={gateway.token}")
    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")


def sockets_of(page: Page) -> list[str]:
    """The addresses of all sockets that the page opens from now on."""
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    return opened


def test_the_dashboard_link_connects_and_hides_its_token(gateway: GatewayFactory, tabs: Tabs) -> None:
    """The token leaves the address bar, stays in this tab, and never gets into storage that outlives it."""
    running = gateway()
    page = tabs()

    open_room(page, running)

    seen = page.evaluate(STORED)
    assert seen["url"] == f"{running.url}/"
    assert seen["session"] == {f"openclaw.control.token.v1:{running.ws_url}": running.token}
    assert running.token not in str(seen["local"])


def test_the_room_shows_how_the_gateway_is(gateway: GatewayFactory, tabs: Tabs) -> None:
    """Version, uptime, health, model, address and state dir stand in one place."""
    running = gateway()
    page = tabs()

    open_room(page, running)

    panel = page.get_by_label("Gateway", exact=True)
    for text in ("Uptime", "good", "demo/echo", running.ws_url, str(running.state_dir)):
        expect(panel).to_contain_text(text)
    expect(panel.locator(".version")).to_have_text(re.compile(r"^\d+\.\d+\.\d+"))


def test_without_a_token_the_page_says_where_to_find_it(gateway: GatewayFactory, tabs: Tabs) -> None:
    """A bare visit shows the panel with the command, and no talk of errors; the token opens the room."""
    running = gateway()
    page = tabs()

    page.goto(running.url)

    expect(page.get_by_role("heading", name="Connect to your gateway")).to_be_visible()
    expect(page.get_by_text("openclaw dashboard --no-open", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_label("Gateway URL")).to_have_value(running.ws_url)
    page.get_by_label("Gateway token").fill(running.token)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")


@pytest.mark.parametrize("form", ["{token}", "  {token} ", "{url}/#token={token}"])
def test_a_wrong_token_is_explained_and_the_right_one_heals(gateway: GatewayFactory, tabs: Tabs, form: str) -> None:
    """The gateway's reason is shown once, nothing loops, and pasting the token or the whole link gets in."""
    running = gateway()
    page = tabs()
    opened = sockets_of(page)
    page.clock.install()

    page.goto(f"{running.url}/#token=wrong")

    alert = page.get_by_role("alert")
    expect(page.get_by_role("heading", name="That token is not this gateway's")).to_be_visible()
    expect(alert).to_contain_text("unauthorized: gateway token mismatch")
    expect(alert).to_contain_text("AUTH_TOKEN_MISMATCH")
    page.clock.fast_forward("10:00")
    assert len(opened) == 1
    assert page.evaluate(STORED)["session"] == {}
    page.get_by_label("Gateway token").fill(form.format(token=running.token, url=running.url))
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


def test_a_fresh_link_in_the_same_tab_heals(gateway: GatewayFactory, tabs: Tabs) -> None:
    """Opening the right link where a wrong one failed needs no reload."""
    running = gateway()
    page = tabs()
    page.goto(f"{running.url}/#token=wrong")
    expect(page.get_by_role("alert")).to_contain_text("mismatch")

    page.evaluate("token => { location.hash = `token=${token}`; }", running.token)

    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")
    assert "token" not in page.url


def test_a_reload_stays_connected(gateway: GatewayFactory, tabs: Tabs) -> None:
    """The tab remembers its token; another tab does not have it."""
    running = gateway()
    page = tabs()
    open_room(page, running)

    page.reload()

    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")
    other = tabs()
    other.goto(running.url)
    expect(other.get_by_role("heading", name="Connect to your gateway")).to_be_visible()


def test_the_page_comes_back_when_the_gateway_does(gateway: GatewayFactory, tabs: Tabs) -> None:
    """A stopped gateway is told at once, the draft stays, and the room is live again after the start."""
    running = gateway()
    page = tabs(tolerate=("WebSocket connection", "ERR_CONNECTION_REFUSED"))
    open_room(page, running)
    message = page.get_by_label("Message", exact=True)
    message.fill("half a thought")

    running.stop()

    expect(page.locator(".banner")).to_contain_text("Trying again")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    running.start()
    expect(page.locator(".banner")).to_be_hidden(timeout=40_000)
    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")
    expect(message).to_have_value("half a thought")
    expect(page.get_by_role("button", name="Send")).to_be_enabled()


def test_a_changed_token_does_not_lock_a_known_browser_out(gateway: GatewayFactory, tabs: Tabs) -> None:
    """The gateway comes back with another token; its device token still is this browser's way in."""
    running = gateway()
    page = tabs(tolerate=("WebSocket connection", "ERR_CONNECTION_REFUSED"))
    open_room(page, running)

    running.stop()
    expect(page.locator(".banner")).to_contain_text("Trying again")
    running.write_config({"gateway": {"auth": {"token": "another-token"}}})
    running.start()

    expect(page.locator(".banner")).to_be_hidden(timeout=40_000)
    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")


def test_a_stale_gateway_in_between_costs_the_page_nothing(tmp_path: Path, tabs: Tabs) -> None:
    """A gateway started by hand takes the service's port; after the takeover the page is back, nothing cleared."""
    mac, page = Mac(tmp_path), tabs(tolerate=("WebSocket connection", "ERR_CONNECTION_REFUSED"))
    try:
        assert mac.openclaw("gateway", "install", "--port", str(mac.port)).returncode == 0
        page.goto(json.loads(mac.openclaw("dashboard", "--json").stdout)["url"])
        expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")
        before = page.evaluate(STORED)

        mac.openclaw("gateway", "stop")
        mac.start("gateway", "run", "--port", str(mac.port), OPENCLAW_STATE_DIR=str(mac.home / "old"))
        expect(page.locator(".banner")).to_contain_text("Another gateway answers at this address now", timeout=40_000)
        assert mac.openclaw("gateway", "start").returncode == 1
        assert mac.openclaw("gateway", "takeover").returncode == 0

        expect(page.locator(".banner")).to_be_hidden(timeout=40_000)
        expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")
        assert page.evaluate(STORED) == before
    finally:
        mac.shut_down()


def test_an_address_without_a_gateway_is_said_to_be_silent(gateway: GatewayFactory, tabs: Tabs) -> None:
    """A mistyped address says that nobody answers, keeps trying, and can be corrected meanwhile."""
    running = gateway()
    page = tabs(tolerate=("WebSocket connection", "127.0.0.1:1"))
    page.goto(running.url)
    expect(page.get_by_role("heading", name="Connect to your gateway")).to_be_visible()

    page.get_by_label("Gateway URL").fill("127.0.0.1:1")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="No answer from the gateway")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Trying again")
    page.get_by_label("Gateway URL").fill(running.url)
    page.get_by_label("Gateway token").fill(running.token)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")


def test_below_a_prefix_the_page_connects_and_keeps_its_path(gateway: GatewayFactory, tabs: Tabs) -> None:
    """`gateway.controlUi.basePath`: page, files and socket lie below it, and the printed address leads there."""
    running = gateway(config={"gateway": {"controlUi": {"basePath": "/openclaw"}}})
    page = tabs()
    sockets = sockets_of(page)

    page.goto(f"{running.url}/openclaw#token={running.token}")

    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")
    assert page.url == f"{running.url}/openclaw/"
    assert sockets == [f"{running.ws_url}/openclaw"]
