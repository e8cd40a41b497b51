"""How the page sits on a screen and under the fingers: widths, themes, keyboard, names for assistive technology."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Tabs
from tests.browser.scripted import ScriptedGateway
from tests.browser.test_chat import answers

pytestmark = pytest.mark.browser

LONG = (
    "A path `/var/lib/openclaw/instances/alpha/state/agents/main/sessions/transcript.sqlite` and\n\n"
    "```\n" + "x" * 400 + "\n```\n\n| a | b |\n|---|---|\n| " + "y" * 300 + " | z |\n\n" + "unbroken" * 60
)
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNNAMED = """() => [...document.querySelectorAll("button, a, input, textarea, summary, img")]
    .filter(node => node.checkVisibility() && !node.hasAttribute("alt"))
    .filter(node => !(node.ariaLabel || node.labels?.length || node.textContent.trim()))
    .map(node => node.outerHTML)"""
CONTRAST = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const channels = color => {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = color => channels(color).map(value => value / 255)
        .map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const ground = node => {
        const color = getComputedStyle(node).backgroundColor;
        return color === "rgba(0, 0, 0, 0)" && node.parentElement ? ground(node.parentElement) : color;
    };
    const says = node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
    const texts = [...document.body.querySelectorAll("*")].filter(node => node.checkVisibility() && says(node));
    return texts.flatMap(node => {
        const [a, b] = [luminance(getComputedStyle(node).color), luminance(ground(node))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        return ratio < 4.5 ? [`${ratio.toFixed(2)} ${node.className} ${node.textContent.slice(0, 30)}`] : [];
    });
}"""


def fill(gateway: ScriptedGateway) -> Page:
    """A room with one long answer, a tool row, a failure and a message that was not sent."""
    page = gateway.open()
    run = gateway.say("please " * 40)
    gateway.agent(run, "tool", phase="start", toolCallId="c", name="exec", args={"command": "find / " * 30})
    gateway.chat(run, "final", LONG)
    failing = gateway.say("and this")
    gateway.chat(failing, "error", errorMessage="the provider rejected the key " * 5)
    expect(answers(page)).to_have_count(2)
    return page


@pytest.mark.parametrize("width", [320, 390, 700, 1280, 2200])
def test_nothing_is_wider_than_the_screen(tabs: Tabs, width: int) -> None:
    """From a small phone to a wide screen, long words and code scroll inside their own box."""
    page = fill(ScriptedGateway(tabs(viewport={"width": width, "height": 700})))

    assert page.evaluate(OVERFLOW) == 0
    box = page.get_by_role("log").evaluate("node => node.scrollWidth - node.clientWidth")
    assert box == 0
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [320, 1280])
def test_the_connect_panel_fits(tabs: Tabs, width: int) -> None:
    """Asked for a token on any screen, a person sees the field and the button without scrolling sideways."""
    scripted = ScriptedGateway(tabs(viewport={"width": width, "height": 700}))
    scripted.answers.pop("connect")
    page = scripted.open("")

    expect(page.get_by_role("button", name="Connect")).to_be_in_viewport(ratio=1)
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(UNNAMED) == []


def test_on_a_phone_sessions_and_gateway_are_in_a_drawer(tabs: Tabs) -> None:
    """The menu opens it with the focus inside; Escape, a tap beside it, a choice or a wider screen close it."""
    scripted = ScriptedGateway(tabs(viewport={"width": 390, "height": 700}))
    page = scripted.open()
    panel = page.get_by_label("Gateway", exact=True)
    menu = page.get_by_role("button", name="Sessions and gateway")
    expect(panel).to_be_hidden()

    menu.click()
    expect(panel).to_be_visible()
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    page.mouse.click(380, 400)
    expect(panel).to_be_hidden()
    menu.click()
    page.get_by_role("button", name="New chat").click()
    expect(panel).to_be_hidden()
    menu.click()
    page.set_viewport_size({"width": 1280, "height": 700})
    page.get_by_label("Message", exact=True).click()
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_both_themes(tabs: Tabs, scheme: str) -> None:
    """Every text has a contrast of at least 4.5 to its ground, whichever theme the system asks for."""
    page = fill(ScriptedGateway(tabs(color_scheme=scheme)))
    page.get_by_role("article", name="Agent").first.locator("summary").click()
    expect(page.locator("claw-sidebar a[aria-current] .when")).to_be_visible()  # shown when no run is active

    page.evaluate("() => Promise.all(document.getAnimations().map(each => each.finished))")  # colours that still change
    assert page.evaluate(CONTRAST) == []
    red, green, blue = page.evaluate("() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (red + green + blue > 380) is (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_panel_is_readable_in_both_themes(tabs: Tabs, scheme: str) -> None:
    """The same holds for the connect panel with a refusal in it."""
    scripted = ScriptedGateway(tabs(color_scheme=scheme))
    scripted.answers.pop("connect")
    page = scripted.open("#token=wrong")
    expect(page.get_by_role("alert")).to_be_visible()

    assert page.evaluate(CONTRAST) == []


def test_everything_has_a_name(scripted: ScriptedGateway) -> None:
    """Each control says what it is, also where it shows only an icon."""
    page = fill(scripted)

    assert page.evaluate(UNNAMED) == []
    expect(page.get_by_role("log", name="Conversation")).to_be_visible()
    expect(page.get_by_role("navigation", name="Sessions")).to_be_visible()


def test_the_keyboard_is_enough(scripted: ScriptedGateway) -> None:
    """The skip link leads to the message box; Shift+Enter starts a line, Enter sends."""
    page = scripted.open()
    box = page.get_by_label("Message", exact=True)
    expect(box).to_be_focused()

    page.get_by_role("link", name="Skip to the message box").focus()
    page.keyboard.press("Enter")
    expect(box).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(box).to_have_value("one\ntwo")
    page.keyboard.press("Enter")

    scripted.wait(lambda: bool(scripted.params("chat.send")))
    assert scripted.params("chat.send")[0]["message"] == "one\ntwo"
    expect(box).to_have_value("")


def test_the_message_box_grows_with_its_text(scripted: ScriptedGateway) -> None:
    """A long draft is visible, up to a limit; then the box scrolls."""
    page = scripted.open()
    box = page.get_by_label("Message", exact=True)
    heights = []
    for lines in (1, 5, 40):
        box.fill("\n".join(["line"] * lines))
        heights.append(box.evaluate("node => node.offsetHeight"))

    assert heights[0] < heights[1] < heights[2] <= 260


def test_new_text_is_followed_only_by_who_is_at_the_end(scripted: ScriptedGateway) -> None:
    """Reading further up is not disturbed by an answer that grows; one click leads back to its end."""
    page = fill(scripted)
    run = scripted.say("more")
    log = page.get_by_role("log")
    latest = page.get_by_role("button", name="Jump to the latest message")
    scripted.chat(run, "delta", "one\n\n" * 60)
    expect(answers(page).last).to_contain_text("one")
    expect(latest).to_be_hidden()
    log.evaluate("node => { node.scrollTop = 0; }")
    expect(latest).to_be_visible()

    scripted.chat(run, "delta", "one\n\n" * 120)

    expect(answers(page).last.locator("p")).to_have_count(120)
    assert log.evaluate("node => node.scrollTop") == 0
    latest.click()
    expect(latest).to_be_hidden()
    assert log.evaluate("node => node.scrollHeight - node.scrollTop - node.clientHeight") < 2


def test_motion_stops_for_those_who_ask(tabs: Tabs) -> None:
    """With reduced motion nothing moves by itself."""
    scripted = ScriptedGateway(tabs(reduced_motion="reduce"))
    page = scripted.open()
    scripted.say("wait")
    expect(answers(page)).to_contain_text("Thinking")

    assert page.evaluate("() => document.getAnimations().length") == 0
