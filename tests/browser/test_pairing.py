"""This browser as a device of real gateways: paired at the first visit, known after it, mended when it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clawfleet.cli.client import GatewayClient, Target
from tests.browser.conftest import Tabs, told_by_the_banner
from tests.browser.test_connect import open_room
from tests.support.gateway import GatewayFactory, GatewayProcess

pytestmark = pytest.mark.browser

BY_HAND = {"gateway": {"nodes": {"pairing": {"autoApproveLocal": False}}}}
COMING_BACK_MS = 40_000


def call(gateway: GatewayProcess, method: str, **params: Any) -> Any:
    """One method of a gateway, called by its operator on a terminal."""
    with GatewayClient.open(Target(gateway.ws_url, token=gateway.token)) as client:
        return client.call(method, params)


def paired(gateway: GatewayProcess) -> list[dict[str, Any]]:
    """The devices that a gateway knows."""
    rows: list[dict[str, Any]] = call(gateway, "device.pair.list")["paired"]
    return rows


def entered(page: Page) -> None:
    """Returns when the page is connected."""
    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected", timeout=COMING_BACK_MS)
    expect(page.locator(".banner")).to_be_hidden(timeout=COMING_BACK_MS)


def reload_without_secret(page: Page) -> None:
    """As a new tab would be: the secret is gone, the device is not."""
    page.evaluate("sessionStorage.clear()")
    page.reload()


def test_the_first_visit_pairs_silently_and_the_next_needs_no_secret(gateway: GatewayFactory, tabs: Tabs) -> None:
    """One device, approved without a question, whose token opens the room after the tab forgot the secret."""
    running = gateway()
    page = tabs()
    open_room(page, running)
    (device,) = paired(running)
    assert (device["clientId"], device["approvedVia"]) == ("openclaw-control-ui", "silent")

    reload_without_secret(page)

    entered(page)
    (same,) = paired(running)
    assert same["deviceId"] == device["deviceId"]


@pytest.mark.parametrize("verb", ["rotate", "revoke"])
def test_a_token_that_ended_is_replaced_by_the_secret(gateway: GatewayFactory, tabs: Tabs, verb: str) -> None:
    """The page is thrown out, shows its secret, has a new device token, and no site data was cleared."""
    running = gateway()
    page = tabs()
    open_room(page, running)
    (device,) = paired(running)

    with told_by_the_banner(page, "ended this browser's access"):
        call(running, f"device.token.{verb}", deviceId=device["deviceId"], role="operator")

    entered(page)
    reload_without_secret(page)
    entered(page)


def test_a_removed_device_without_a_secret_says_what_mends_it(gateway: GatewayFactory, tabs: Tabs) -> None:
    """The reason, the gateway that gave it and the command are on the page; the token heals."""
    running = gateway()
    page = tabs()
    open_room(page, running)
    (device,) = paired(running)
    reload_without_secret(page)
    entered(page)

    call(running, "device.pair.remove", deviceId=device["deviceId"])

    expect(page.get_by_role("heading", name="This browser's access has ended")).to_be_visible()
    alert = page.get_by_role("alert")
    for text in (f"port {running.port}", f"pid {running.process.pid}", "state dir .openclaw"):
        expect(alert).to_contain_text(text)
    expect(page.get_by_text("openclaw dashboard --no-open", exact=True)).to_be_visible()
    page.get_by_label("Gateway token").fill(running.token)
    page.keyboard.press("Enter")
    entered(page)


@pytest.fixture
def two_on_one_port(gateway: GatewayFactory) -> Callable[[], tuple[GatewayProcess, GatewayProcess]]:
    """A running gateway, and another that is stopped and would take the same port with its own state dir."""

    def start() -> tuple[GatewayProcess, GatewayProcess]:
        second = gateway()
        second.stop()
        first = gateway()
        second.port = first.port
        return first, second

    return start


def test_another_gateway_on_the_port_is_named_and_the_first_is_entered_again(
    two_on_one_port: Callable[[], tuple[GatewayProcess, GatewayProcess]], tabs: Tabs
) -> None:
    """The trap: a page of one gateway meets another at the same address, with nothing that fits it. It waits for its
    own and, loaded anew, asks for the other; what it knows of the first is kept."""
    first, second = two_on_one_port()
    page = tabs(tolerate=("WebSocket connection", "ERR_CONNECTION_REFUSED"))
    open_room(page, first)

    first.stop()
    second.start()
    expect(page.locator(".banner")).to_contain_text("Another gateway answers at this address", timeout=COMING_BACK_MS)
    page.reload()
    expect(page.get_by_role("heading", name="That token is not this gateway's")).to_be_visible(timeout=COMING_BACK_MS)
    expect(page.get_by_role("alert")).to_contain_text(f"pid {second.process.pid}")
    page.get_by_label("Gateway token").fill(second.token)
    page.keyboard.press("Enter")
    entered(page)

    second.stop()
    expect(page.locator(".banner")).to_contain_text("Trying again")
    first.start()
    entered(page)
    expect(page.get_by_label("Gateway", exact=True)).to_contain_text(str(first.state_dir))


def test_a_device_that_waits_enters_once_approved(gateway: GatewayFactory, tabs: Tabs) -> None:
    """The page shows the very command; after it the page enters by itself."""
    running = gateway(BY_HAND)
    page = tabs()
    page.goto(f"{running.url}/#token={running.token}")
    expect(page.get_by_role("heading", name="This browser waits for approval")).to_be_visible()
    (request,) = call(running, "device.pair.list")["pending"]
    command = f"openclaw devices approve {request['requestId']}"
    expect(page.get_by_role("alert").get_by_text(command, exact=True)).to_be_visible()

    call(running, "device.pair.approve", requestId=request["requestId"])

    entered(page)


def test_one_page_lets_another_in(gateway: GatewayFactory, tabs: Tabs) -> None:
    """A browser that is in sees who waits and approves with a click."""
    running = gateway(BY_HAND)
    inside, outside = tabs(), tabs()
    inside.goto(f"{running.url}/#token={running.token}")
    expect(inside.get_by_role("heading", name="This browser waits for approval")).to_be_visible()
    (request,) = call(running, "device.pair.list")["pending"]
    call(running, "device.pair.approve", requestId=request["requestId"])
    entered(inside)

    outside.goto(f"{running.url}/#token={running.token}")
    waiting = inside.get_by_role("region", name="Devices that ask to come in")
    waiting.get_by_role("button", name="Approve openclaw-control-ui").click()

    entered(outside)
    expect(waiting).to_be_hidden()
