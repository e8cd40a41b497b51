"""This browser as a device: its key and tokens, what it forgets when they are stale, and devices that ask to enter."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from nacl.signing import VerifyKey
from playwright.sync_api import Page, expect

from tests.browser.conftest import Tabs, told_by_the_banner
from tests.browser.scripted import MAIN, SECURE, Refusal, ScriptedGateway
from tests.browser.test_chat import mine
from tests.browser.test_events import row

pytestmark = pytest.mark.browser

GATEWAY = {"instanceId": "0badcafe", "port": 18789, "pid": 4711, "stateDir": ".openclaw-lab"}
SECRET = {"token": "right", "password": "right"}
PENDING = {
    "requestId": "r-1", "deviceId": "d", "clientId": "openclaw-ios", "platform": "iOS 19", "remoteIp": "10.0.0.7",
    "role": "operator", "scopes": ["operator.read"], "ts": 1,
}  # fmt: skip


def device_auth(token: str) -> dict[str, str]:
    """What the page shows when it has a device token."""
    return {"token": token, "deviceToken": token}


def entered(page: Page) -> None:
    """Returns when the page is connected."""
    expect(page.get_by_label("Gateway", exact=True)).to_contain_text("Connected")


def shown(gateway: ScriptedGateway) -> list[dict[str, Any]]:
    """The credentials of every attempt so far."""
    return [params["auth"] for params in gateway.params("connect")]


def refusing(gateway: ScriptedGateway, *stale: str, code: str = "AUTH_DEVICE_TOKEN_MISMATCH") -> Callable[[Any], Any]:
    """An answer to `connect` that takes everything but the tokens named."""
    welcome = gateway.answers["connect"]

    def answer(params: dict[str, Any]) -> Any:
        if params["auth"].get("token") in stale:
            raise Refusal("unauthorized: it is stale", details={"code": code, "gateway": GATEWAY})
        return welcome(params)

    return answer


def decoded(text: str) -> bytes:
    """Bytes of unpadded base64url."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_page_signs_with_a_key_of_its_own(secured: ScriptedGateway) -> None:
    """Id, key and signature are what the protocol asks for, over this socket's nonce and the gateway's time."""
    secured.challenge = {"nonce": "n-1", "ts": 1_750_000_000_000}
    page = secured.open()

    entered(page)
    (params,) = secured.params("connect")
    device, client = params["device"], params["client"]
    raw = decoded(device["publicKey"])
    assert device["id"] == hashlib.sha256(raw).hexdigest()
    assert (device["nonce"], device["signedAt"]) == ("n-1", 1_750_000_000_000)
    fields = [
        "v3", device["id"], client["id"], client["mode"], "operator", ",".join(params["scopes"]),
        str(device["signedAt"]), "right", "n-1", client["platform"].lower(), "",
    ]  # fmt: skip
    VerifyKey(raw).verify("|".join(fields).encode(), decoded(device["signature"]))
    assert page.evaluate("() => ({...localStorage})") == {}


def test_a_reload_is_the_same_device_and_shows_its_token(secured: ScriptedGateway) -> None:
    """The key survives the reload, and the token that the gateway issued goes before the remembered secret."""
    secured.auth = {"deviceToken": "issued"}
    page = secured.open()
    entered(page)

    page.reload()

    entered(page)
    assert shown(secured) == [SECRET, device_auth("issued")]
    first, second = (params["device"] for params in secured.params("connect"))
    assert first["id"] == second["id"]


def test_a_new_tab_gets_in_by_the_device_token_alone(secured: ScriptedGateway, tabs: Tabs) -> None:
    """No secret is left in a new tab; the browser is known all the same, with the scopes it was granted."""
    secured.auth = {"deviceToken": "issued", "scopes": ["operator.read"]}
    entered(secured.open())

    other = ScriptedGateway(tabs(beside=secured.page), SECURE)
    entered(other.open(""))

    (params,) = other.params("connect")
    assert (params["auth"], params["scopes"]) == (device_auth("issued"), ["operator.read"])


def test_a_stale_device_token_gives_way_to_the_secret(secured: ScriptedGateway) -> None:
    """It is forgotten, the secret gets in at once, and the token issued then is used from there on."""
    secured.auth = {"deviceToken": "old"}
    page = secured.open()
    entered(page)
    secured.answers["connect"] = refusing(secured, "old")
    secured.auth = {"deviceToken": "new"}

    page.reload()
    entered(page)
    page.reload()
    entered(page)

    assert shown(secured) == [SECRET, device_auth("old"), SECRET, device_auth("new")]


def test_a_stale_secret_gives_way_to_the_device_token(secured: ScriptedGateway) -> None:
    """A link with an old token does not lock a known device out."""
    secured.auth = {"deviceToken": "issued"}
    page = secured.open()
    entered(page)
    secured.answers["connect"] = refusing(secured, "old-link", code="AUTH_TOKEN_MISMATCH")

    page.goto("about:blank")
    secured.open("#token=old-link")

    entered(page)
    assert shown(secured)[1:] == [{"token": "old-link", "password": "old-link"}, device_auth("issued")]


def test_with_nothing_left_the_page_says_who_refused_and_what_mends_it(secured: ScriptedGateway) -> None:
    """The gateway reached, the reason and the command are shown, no attempt is repeated, and the token heals."""
    secured.auth = {"deviceToken": "old"}
    page = secured.open()
    entered(page)
    page.evaluate("sessionStorage.clear()")
    secured.answers["connect"] = refusing(secured, "old")

    page.reload()

    alert = page.get_by_role("alert")
    expect(page.get_by_role("heading", name="This browser's access has ended")).to_be_visible()
    for text in ("0badcafe", "port 18789", "pid 4711", "state dir .openclaw-lab", "AUTH_DEVICE_TOKEN_MISMATCH"):
        expect(alert).to_contain_text(text)
    expect(page.get_by_text("openclaw dashboard --no-open", exact=True)).to_be_visible()
    assert len(secured.params("connect")) == 2
    page.get_by_label("Gateway token").fill("right")
    page.keyboard.press("Enter")
    entered(page)


def test_each_gateway_at_an_address_has_its_own_token(secured: ScriptedGateway) -> None:
    """Another gateway on the same port is shown no token of the first, and the first finds its own again."""
    secured.challenge |= {"instanceId": "a"}
    secured.auth = {"deviceToken": "of-a"}
    page = secured.open()
    entered(page)

    secured.challenge |= {"instanceId": "b"}
    secured.auth = {"deviceToken": "of-b"}
    page.reload()
    entered(page)
    secured.challenge |= {"instanceId": "a"}
    page.reload()
    entered(page)

    assert shown(secured) == [SECRET, SECRET, device_auth("of-a")]


def test_pairing_shows_the_command_and_enters_once_approved(secured: ScriptedGateway) -> None:
    """The request id stands in a command to copy; nobody has to touch the page after the approval."""
    welcome = secured.answers["connect"]

    def pending(_: dict[str, Any]) -> Any:
        details = {"code": "PAIRING_REQUIRED", "requestId": "r-42", "reason": "not-paired", "pauseReconnect": False}
        raise Refusal("pairing required: device is not approved yet", "NOT_PAIRED", details=details, retryable=True)

    secured.answers["connect"] = pending
    page = secured.open()
    expect(page.get_by_role("heading", name="This browser waits for approval")).to_be_visible()
    expect(page.get_by_text("openclaw devices approve r-42", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Trying again in")

    secured.answers["connect"] = welcome

    entered(page)
    assert shown(secured)[-1] == SECRET


def test_a_scope_upgrade_is_called_that(secured: ScriptedGateway) -> None:
    """A known device that asks for more waits for the approval of more."""

    def pending(_: dict[str, Any]) -> Any:
        command = "openclaw --profile lab devices approve r-43"
        details = {"code": "PAIRING_REQUIRED", "requestId": "r-43", "reason": "scope-upgrade", "hint": command}
        raise Refusal("pairing required: device is asking for more scopes", "NOT_PAIRED", details=details)

    secured.answers["connect"] = pending
    page = secured.open()

    expect(page.get_by_role("heading", name="This browser asks for more rights")).to_be_visible()
    expect(page.get_by_text("openclaw --profile lab devices approve r-43", exact=True)).to_be_visible()


def test_a_lockout_is_sat_out_in_sight(secured: ScriptedGateway) -> None:
    """The page counts down what the gateway said, makes no attempt before, and then gets in by itself."""
    welcome = secured.answers["connect"]

    def locked(_: dict[str, Any]) -> Any:
        details = {"code": "AUTH_RATE_LIMITED"}
        raise Refusal("too many failed attempts", details=details, retryable=True, retryAfterMs=90_000)

    secured.answers["connect"] = locked
    secured.page.clock.install()
    page = secured.open()
    expect(page.get_by_role("heading", name="Too many failed attempts")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Trying again in 1 min")

    page.clock.run_for(60_000)
    assert len(secured.sockets) == 1
    secured.answers["connect"] = welcome
    page.clock.run_for(31_000)

    entered(page)


def test_a_locked_secret_leaves_the_way_by_device_token_open(secured: ScriptedGateway) -> None:
    """Failures are counted by kind of credential: a good device token passes while the secret is locked."""
    secured.auth = {"deviceToken": "issued"}
    page = secured.open()
    entered(page)
    secured.answers["connect"] = refusing(secured, "guess", code="AUTH_RATE_LIMITED")

    page.goto("about:blank")
    secured.open("#token=guess")

    entered(page)
    assert shown(secured)[-1] == device_auth("issued")


def test_a_refused_signature_gets_one_new_key(secured: ScriptedGateway) -> None:
    """Whatever is wrong with the old key is gone with it; a second refusal is told, not repeated."""
    seen: list[str] = []

    def refuse(params: dict[str, Any]) -> Any:
        seen.append(params["device"]["id"])
        raise Refusal("device signature invalid", details={"code": "DEVICE_AUTH_SIGNATURE_INVALID"})

    secured.answers["connect"] = refuse
    page = secured.open()

    expect(page.get_by_role("heading", name="The gateway does not take this browser's signature")).to_be_visible()
    assert len(seen) == len(set(seen)) == 2


def test_a_removed_device_comes_back_by_the_secret(secured: ScriptedGateway) -> None:
    """Rotate, revoke and remove close with 4001: the page says so, and gets in by what it still has."""
    secured.auth = {"deviceToken": "issued"}
    page = secured.open()
    entered(page)
    secured.answers["connect"] = refusing(secured, "issued")

    with told_by_the_banner(page, "ended this browser's access"):
        secured.drop(4001, "device removed")

    secured.wait(lambda: len(secured.params("connect")) == 3)
    entered(page)
    assert shown(secured) == [SECRET, device_auth("issued"), SECRET]


def needs_device(_: dict[str, Any]) -> Any:
    """Refuses as a gateway does that insists on a device."""
    raise Refusal("control ui requires device identity", details={"code": "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"})


def test_an_insecure_page_says_where_to_open_it(scripted: ScriptedGateway) -> None:
    """On a plain-HTTP address no key can be made; the connect frame then has no device."""
    scripted.answers["connect"] = needs_device
    page = scripted.open()

    expect(page.get_by_role("heading", name="This page needs a secure address")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("HTTPS, or on localhost")
    assert "device" not in scripted.params("connect")[0]


def test_a_browser_without_ed25519_is_called_too_old(secured: ScriptedGateway) -> None:
    """A secure page in a browser that cannot make the key names the versions that can."""
    secured.page.add_init_script("crypto.subtle.generateKey = () => Promise.reject(new Error('unsupported'))")
    secured.answers["connect"] = needs_device
    page = secured.open()

    expect(page.get_by_role("heading", name="This browser is too old")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Chrome 137")


def test_without_storage_a_device_lives_as_long_as_the_page(secured: ScriptedGateway) -> None:
    """Where the browser forbids IndexedDB, reconnecting still is the same device."""
    secured.page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    secured.auth = {"deviceToken": "issued"}
    page = secured.open()
    entered(page)

    secured.drop()

    secured.wait(lambda: len(secured.params("connect")) == 2)
    first, second = (params["device"]["id"] for params in secured.params("connect"))
    assert first == second
    assert shown(secured)[1] == device_auth("issued")


def test_a_token_that_is_none_stops_nobody(secured: ScriptedGateway) -> None:
    """Whatever stands in the browser's storage, clearing it is never the cure."""
    secured.auth = {"deviceToken": "issued"}
    page = secured.open()
    entered(page)
    page.evaluate("for (const name of Object.keys(localStorage)) localStorage.setItem(name, '{')")

    page.reload()

    entered(page)
    assert shown(secured) == [SECRET, SECRET]


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_devices_that_ask_to_come_in_are_decided_here(scripted: ScriptedGateway, verb: str) -> None:
    """A request appears when the gateway tells of it, and is gone after the decision."""
    pending: list[dict[str, Any]] = []

    def decide(_: dict[str, Any]) -> Any:
        pending.clear()
        return {}

    scripted.answers["device.pair.list"] = lambda _: {"pending": pending, "paired": []}
    scripted.answers[f"device.pair.{verb}"] = decide
    page = scripted.open()
    panel = page.get_by_role("region", name="Devices that ask to come in")
    entered(page)
    expect(panel).to_be_hidden()

    pending.append(PENDING)
    scripted.emit("device.pair.requested", PENDING)
    expect(panel).to_contain_text("openclaw-ios on iOS 19")
    expect(panel).to_contain_text("10.0.0.7")
    panel.get_by_role("button", name=verb.capitalize()).click()

    expect(panel).to_be_hidden()
    assert scripted.params(f"device.pair.{verb}") == [{"requestId": "r-1"}]


def test_a_client_without_pairing_scope_is_not_shown_devices(scripted: ScriptedGateway) -> None:
    """What the gateway would refuse is not asked."""
    scripted.answers["device.pair.list"] = lambda _: {"pending": [PENDING], "paired": []}
    scripted.auth = {"scopes": ["operator.read"]}
    page = scripted.open()

    entered(page)
    scripted.wait(lambda: bool(scripted.params("sessions.list")))
    assert scripted.params("device.pair.list") == []


def test_messages_of_the_open_session_are_subscribed_to(scripted: ScriptedGateway) -> None:
    """What somebody else writes there shows at once, without waiting for an answer to it."""
    for name in ("sessions.subscribe", "sessions.messages.subscribe", "sessions.messages.unsubscribe"):
        scripted.answers[name] = lambda _: {"subscribed": True}
    page = scripted.open()
    scripted.wait(lambda: bool(scripted.params("sessions.messages.subscribe")))
    assert scripted.params("sessions.messages.subscribe") == [{"key": MAIN}]

    message = row("user", "from the phone", "r9", "m9")
    scripted.history = {"messages": [message]}
    scripted.emit("session.message", {"sessionKey": MAIN, "message": message, "messageId": "m9", "messageSeq": 1})

    expect(mine(page)).to_have_text(["from the phone"])
    page.get_by_role("button", name="New chat").click()
    scripted.wait(lambda: len(scripted.params("sessions.messages.subscribe")) == 2)
    assert scripted.params("sessions.messages.unsubscribe") == [{"key": MAIN}]
