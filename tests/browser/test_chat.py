"""Talking to a real gateway through the page: each message once, live, after a reload, stopped, failed, elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Tabs
from tests.browser.test_connect import open_room
from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayFactory

pytestmark = pytest.mark.browser

SLOWLY: dict[str, Any] = {"models": {"providers": {"demo": {"api": "demo", "compat": {"wordDelayMs": 1_000}}}}}
"""Sixty words or so: the end does not come while a busy machine looks for the beginning."""
NO_PROVIDER: dict[str, Any] = {
    "models": {
        "providers": {
            "gone": {
                "api": "openai-completions",
                "baseUrl": "http://127.0.0.1:1/v1",
                "apiKey": "none",
                "models": [{"id": "m", "name": "m"}],
            }
        }
    },
    "agents": {"defaults": {"model": {"primary": "gone/m"}}},
}


def mine(page: Page) -> Locator:
    """The user's messages on screen."""
    return page.get_by_role("article", name="You")


def answers(page: Page) -> Locator:
    """The agent's messages on screen."""
    return page.get_by_role("article", name="Agent")


def say(page: Page, text: str) -> None:
    """Types a message and sends it with Enter."""
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def test_a_message_is_answered_once_and_survives_a_reload(gateway: GatewayFactory, tabs: Tabs) -> None:
    """One bubble of the user, one of the agent, streamed; the same two after a reload."""
    page = tabs()
    open_room(page, gateway())

    say(page, "hello there")

    expect(answers(page)).to_contain_text("You said: hello there")
    expect(answers(page)).to_have_attribute("aria-busy", "false")
    for _ in range(2):
        expect(mine(page)).to_have_text(["hello there"])
        expect(answers(page)).to_have_count(1)
        expect(answers(page)).to_contain_text("You said: hello there")
        expect(page.get_by_text("Stopped")).to_have_count(0)
        page.reload()
    expect(mine(page)).to_have_text(["hello there"])


def test_an_answer_is_shown_while_it_grows(gateway: GatewayFactory, tabs: Tabs) -> None:
    """The first words stand on screen before the last ones are there, in one bubble that says it is busy."""
    page = tabs()
    open_room(page, gateway(SLOWLY))

    say(page, "hello there")

    expect(answers(page)).to_contain_text("Hello! I am")
    expect(answers(page)).to_have_attribute("aria-busy", "true")
    assert "hello there" not in answers(page).inner_text()
    expect(answers(page)).to_have_count(1)
    expect(page).to_have_title(re.compile("^● "))


def test_a_reload_in_the_middle_goes_on_with_the_answer(
    gateway: GatewayFactory, tabs: Tabs, fake_openai: FakeOpenAI
) -> None:
    """The page finds the run under way, shows what was said so far, and ends with one whole answer."""
    fake_openai.script({"text": "Hello! I am still at it, and this is the end of it.", "waits": True})
    page = tabs()
    agents = {"defaults": {"model": "fake/fake-1"}}
    open_room(page, gateway({"models": {"providers": {"fake": fake_openai.provider()}}, "agents": agents}))
    say(page, "hello there")
    expect(answers(page)).to_contain_text("Hello! I am")

    page.reload()

    expect(answers(page)).to_have_attribute("aria-busy", "true")
    expect(answers(page)).to_contain_text("Hello! I am")
    fake_openai.go_on()
    expect(answers(page)).to_contain_text("the end of it.")
    expect(answers(page)).to_have_attribute("aria-busy", "false")
    expect(answers(page)).to_have_count(1)
    expect(mine(page)).to_have_count(1)


def test_stop_ends_the_answer_and_keeps_what_was_said(gateway: GatewayFactory, tabs: Tabs) -> None:
    """The Stop button is there while a run is; what was said stays, also after a reload."""
    page = tabs()
    open_room(page, gateway(SLOWLY))
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_hidden()
    say(page, "hello there")
    expect(answers(page)).to_contain_text("Hello! I am")

    stop.click()

    expect(answers(page)).to_contain_text("Stopped")
    expect(stop).to_be_hidden()
    said = answers(page).locator(".prose").inner_text()
    assert "hello there" not in said
    page.reload()
    expect(answers(page).locator(".prose")).to_have_text(said)
    expect(answers(page)).to_contain_text("Stopped")


def test_a_failed_run_says_why(gateway: GatewayFactory, tabs: Tabs) -> None:
    """When no provider answers, the reason stands where the answer would be, and the next message can be sent."""
    page = tabs()
    open_room(page, gateway(NO_PROVIDER))

    say(page, "hello there")

    expect(answers(page).get_by_role("alert")).to_be_visible(timeout=60_000)
    expect(answers(page).get_by_role("alert")).not_to_be_empty()
    expect(mine(page)).to_have_text(["hello there"])
    expect(page.get_by_label("Message", exact=True)).to_be_enabled()


def test_a_tool_call_is_a_row_that_opens(gateway: GatewayFactory, tabs: Tabs) -> None:
    """The row names tool and command; opened, it shows arguments and result; a reload shows the same."""
    page = tabs()
    open_room(page, gateway())

    say(page, "call exec: echo from-the-tool")

    row = answers(page).locator("details")
    for _ in range(2):
        expect(row.locator("summary")).to_contain_text("exec")
        expect(row.locator("summary")).to_contain_text("echo from-the-tool")
        expect(row.locator("summary")).to_contain_text("done")
        expect(row).to_have_count(1)
        row.locator("summary").click()
        expect(row).to_contain_text("Arguments")
        expect(row.locator("pre").last).to_contain_text("from-the-tool")
        expect(answers(page)).to_have_count(1)
        expect(answers(page).locator(".prose")).to_contain_text("exec answered")
        page.reload()


def test_sessions_keep_their_own_conversation(gateway: GatewayFactory, tabs: Tabs) -> None:
    """New chat starts empty under its own address; the list, the Back button and a reload lead where they say."""
    page = tabs()
    open_room(page, gateway())
    say(page, "in the main session")
    expect(answers(page)).to_contain_text("You said: in the main session")

    page.get_by_role("button", name="New chat").click()

    expect(mine(page)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?session=agent%3Amain%3Adashboard%3A[0-9a-f-]{36}$"))
    say(page, "in the new one")
    expect(answers(page)).to_contain_text("You said: in the new one")
    page.reload()
    expect(mine(page)).to_have_text(["in the new one"])
    expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(2)
    page.get_by_role("navigation").get_by_role("link", name="Main").click()
    expect(mine(page)).to_have_text(["in the main session"])
    page.go_back()
    expect(mine(page)).to_have_text(["in the new one"])


def test_a_second_tab_sees_the_same_conversation(gateway: GatewayFactory, tabs: Tabs) -> None:
    """What one tab says and hears, the other shows too, each message once."""
    running = gateway()
    speaker, listener = tabs(), tabs()
    open_room(speaker, running)
    open_room(listener, running)

    say(speaker, "hello there")

    for page in (speaker, listener):
        expect(answers(page)).to_contain_text("You said: hello there")
        expect(mine(page)).to_have_text(["hello there"])
        expect(answers(page)).to_have_count(1)


def test_a_killed_gateway_loses_no_message_and_shows_none_twice(gateway: GatewayFactory, tabs: Tabs) -> None:
    """Killed in the middle of an answer and started again: the question is there once, nothing pretends to run."""
    running = gateway(SLOWLY)
    page = tabs(tolerate=("WebSocket connection", "ERR_CONNECTION_REFUSED"))
    open_room(page, running)
    say(page, "hello there")
    expect(answers(page)).to_contain_text("Hello! I am")

    running.kill()
    running.start()

    expect(page.locator(".banner")).to_be_hidden(timeout=40_000)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(mine(page)).to_have_text(["hello there"])
    say(page, "and again")
    expect(answers(page).last).to_contain_text("You said: and again", timeout=30_000)
    expect(mine(page)).to_have_text(["hello there", "and again"])
