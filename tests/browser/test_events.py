"""What the page makes of the gateway's events and of their loss; a scripted gateway plays what is rare."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import told_by_the_banner
from tests.browser.scripted import MAIN, Refusal, ScriptedGateway
from tests.browser.test_chat import answers, mine

pytestmark = pytest.mark.browser


def row(role: str, content: Any, run_id: str, row_id: str, **more: Any) -> dict[str, Any]:
    """A stored message as `chat.history` gives it."""
    key = {"idempotencyKey": f"{run_id}:user"} if role == "user" else {}
    return {
        "role": role,
        "content": content,
        "timestamp": 1,
        **key,
        **more,
        "__openclaw": {"id": row_id, "runId": run_id},
    }


def text(said: str) -> list[dict[str, str]]:
    """Message content of one text block."""
    return [{"type": "text", "text": said}]


def test_the_connect_frame_is_what_the_protocol_asks_for(scripted: ScriptedGateway) -> None:
    """Who the page says it is, which scopes it wants, and the secret in both fields."""
    page = scripted.open("#token=s3cret%2B")

    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    (params,) = scripted.params("connect")
    assert (params["minProtocol"], params["maxProtocol"]) == (4, 4)
    assert (params["client"]["id"], params["client"]["mode"]) == ("openclaw-control-ui", "webchat")
    assert params["role"] == "operator"
    assert params["scopes"] == [
        f"operator.{scope}" for scope in ("admin", "read", "write", "approvals", "questions", "pairing")
    ]
    assert params["caps"] == ["tool-events"]
    assert params["auth"] == {"token": "s3cret+", "password": "s3cret+"}


def test_without_a_secret_the_frame_carries_none(scripted: ScriptedGateway) -> None:
    """A gateway without authentication is entered without one."""
    page = scripted.open("")

    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    assert scripted.params("connect")[0]["auth"] == {}


def test_a_drop_in_the_middle_shows_the_rest_after_coming_back(scripted: ScriptedGateway) -> None:
    """History and the run under way are fetched again; the bubble goes on and is never doubled."""
    page = scripted.open()
    run = scripted.say("tell me")
    scripted.chat(run, "delta", "It was")
    expect(answers(page)).to_have_text("It was")

    asked = row("user", "tell me", run, "m1")
    scripted.history = {"messages": [asked], "inFlightRun": {"runId": run, "text": "It was a dark"}}
    scripted.drop()

    expect(answers(page)).to_have_text("It was a dark")
    scripted.chat(run, "delta", "It was a dark night.")
    scripted.chat(run, "final", "It was a dark night.")
    expect(answers(page).locator(".prose")).to_have_text("It was a dark night.")
    expect(answers(page)).to_have_attribute("aria-busy", "false")
    expect(mine(page)).to_have_count(1)
    expect(answers(page)).to_have_count(1)


def test_a_run_that_ended_during_the_drop_is_shown_as_stored(scripted: ScriptedGateway) -> None:
    """Its last events were lost; the history has the answer, and nothing keeps spinning."""
    page = scripted.open()
    run = scripted.say("tell me")
    scripted.chat(run, "delta", "It was")
    expect(answers(page)).to_have_text("It was")

    scripted.history = {
        "messages": [row("user", "tell me", run, "m1"), row("assistant", text("It was over."), run, "m2")]
    }
    scripted.drop()

    expect(answers(page).locator(".prose")).to_have_text("It was over.")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_a_drop_between_tool_and_answer_loses_neither(scripted: ScriptedGateway) -> None:
    """What was stored of the run and what it says now are one bubble, in their order."""
    page = scripted.open()
    run = scripted.say("look")
    call = [{"type": "toolCall", "id": "c1", "name": "exec", "arguments": {"command": "ls"}}]
    scripted.history = {
        "messages": [
            row("user", "look", run, "m1"),
            row("assistant", [*text("Let me look."), *call], run, "m2"),
            row("toolResult", text("a.txt"), run, "m3", toolCallId="c1", toolName="exec", isError=False),
        ],
        "inFlightRun": {"runId": run, "text": "One"},
        "sessionInfo": {"activeRunIds": [run]},
    }
    scripted.drop()
    expect(answers(page).locator(".prose")).to_have_text(["Let me look.", "One"])

    scripted.chat(run, "final", "One file.")

    expect(answers(page).locator(".prose")).to_have_text(["Let me look.", "One file."])
    expect(answers(page).locator("details")).to_have_count(1)
    expect(answers(page)).to_have_count(1)


def test_lost_events_are_made_up_for(scripted: ScriptedGateway) -> None:
    """A gap in the numbers of events makes the page read the history again."""
    page = scripted.open()
    run = scripted.say("tell me")
    scripted.chat(run, "delta", "It was")
    expect(answers(page)).to_have_text("It was")
    scripted.history = {"messages": [row("user", "tell me", run, "m1"), row("assistant", text("All."), run, "m2")]}

    scripted.emit("tick", {"ts": 1}, skip=3)

    expect(answers(page).locator(".prose")).to_have_text("All.")


def test_a_silent_gateway_is_left_and_dialled_again(scripted: ScriptedGateway) -> None:
    """Twice the announced tick without a frame counts as a lost connection."""
    scripted.tick_ms = 100
    scripted.open()

    scripted.wait(lambda: len(scripted.params("connect")) >= 2)


def test_a_starting_gateway_is_waited_for(scripted: ScriptedGateway) -> None:
    """A refusal that the gateway calls passing is tried again until it lets the page in."""
    welcome = scripted.answers["connect"]

    def starting(_: dict[str, Any]) -> Any:
        raise Refusal("gateway starting; retry shortly", "UNAVAILABLE", retryable=True, retryAfterMs=10)

    scripted.answers["connect"] = starting
    page = scripted.open()

    expect(page.get_by_role("alert")).to_contain_text("gateway starting; retry shortly")
    scripted.answers["connect"] = welcome
    expect(page.get_by_label("Message", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("CONTROL_UI_ORIGIN_NOT_ALLOWED", "This address may not open the Control UI"),
        ("AUTH_PASSWORD_MISMATCH", "That password is not this gateway's"),
        ("SOMETHING_NEW", "The gateway refused the connection"),
    ],
)
def test_a_refusal_is_told_and_not_repeated(scripted: ScriptedGateway, code: str, title: str) -> None:
    """Title, advice and the gateway's own words; no second attempt by itself."""

    def refuse(_: dict[str, Any]) -> Any:
        raise Refusal("no, and why", details={"code": code, "hint": "do this"})

    scripted.answers["connect"] = refuse
    scripted.page.clock.install()
    page = scripted.open()

    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Do this")
    expect(page.get_by_role("alert")).to_contain_text(f"no, and why ({code})")
    page.clock.fast_forward("30:00")
    assert len(scripted.sockets) == 1


def test_tool_activity_is_shown_while_it_happens(scripted: ScriptedGateway) -> None:
    """Text, tool, text: three parts of one bubble, though each message of the run starts its text anew."""
    page = scripted.open()
    run = scripted.say("look")
    scripted.chat(run, "status", phase="starting_model")
    expect(answers(page)).to_contain_text("Waiting for the model")
    scripted.chat(run, "delta", "Let me look.")
    call = {"toolCallId": "c1", "name": "exec"}
    scripted.agent(run, "item", ts=1000, phase="start", kind="tool", status="running", **call)
    scripted.agent(run, "tool", ts=1000, phase="start", args={"command": "ls"}, **call)
    expect(answers(page).locator("summary")).to_contain_text("running")
    scripted.agent(run, "tool", ts=2000, phase="update", partialResult={"content": text("a.txt")}, **call)
    answers(page).locator("summary").click()
    expect(answers(page).locator("pre").last).to_have_text("a.txt")
    scripted.agent(run, "tool", ts=4000, phase="result", isError=True, result={"content": text("no such file")}, **call)
    expect(answers(page).locator("summary")).to_contain_text("failed in 3 s")
    expect(answers(page).locator("pre").last).to_have_text("no such file")
    scripted.chat(run, "delta", "Nothing there.")
    scripted.chat(run, "final", "Nothing there.")

    expect(answers(page).locator(".prose")).to_have_text(["Let me look.", "Nothing there."])
    expect(answers(page).locator("details")).to_have_count(1)
    expect(answers(page)).to_have_count(1)


def test_text_that_spans_the_whole_run_is_not_shown_twice(scripted: ScriptedGateway) -> None:
    """Some gateways repeat what was said before the tool call; the page shows it once."""
    page = scripted.open()
    run = scripted.say("look")
    scripted.chat(run, "delta", "Let me look.")
    scripted.agent(run, "tool", phase="start", toolCallId="c1", name="exec", args={})
    scripted.agent(run, "tool", phase="result", toolCallId="c1", name="exec", result={"content": text("")})

    scripted.chat(run, "final", "Let me look.\n\nNothing there.")

    expect(answers(page).locator(".prose")).to_have_text(["Let me look.", "Nothing there."])


def test_stored_tool_calls_look_like_live_ones(scripted: ScriptedGateway) -> None:
    """Call, result and answer of one run are one bubble."""
    call = [{"type": "toolCall", "id": "c1", "name": "exec", "arguments": {"command": "ls"}}]
    scripted.history = {
        "messages": [
            row("user", "look", "r1", "m1"),
            row("assistant", [*text("Let me look."), *call], "r1", "m2"),
            row("toolResult", text("a.txt"), "r1", "m3", toolCallId="c1", toolName="exec", isError=False),
            row("assistant", text("One file."), "r1", "m4", provider="acme", model="large"),
        ]
    }
    page = scripted.open()

    expect(answers(page)).to_have_count(1)
    expect(answers(page).locator(".prose")).to_have_text(["Let me look.", "One file."])
    expect(answers(page).locator("summary")).to_contain_text("done")
    expect(answers(page)).to_contain_text("acme/large")


def test_an_error_is_shown_once_with_its_message(scripted: ScriptedGateway) -> None:
    """The gateway tells a failure twice; what was said before it stays."""
    page = scripted.open()
    run = scripted.say("tell me")
    scripted.chat(run, "delta", "It was")

    scripted.chat(run, "error", errorMessage="the provider rejected the key")
    scripted.chat(run, "error", errorMessage="⚠️ Agent failed before reply: the provider rejected the key")

    expect(answers(page).get_by_role("alert")).to_have_text("the provider rejected the key")
    expect(answers(page).locator(".prose")).to_have_text("It was")


def test_a_message_that_was_not_taken_can_be_sent_again(scripted: ScriptedGateway) -> None:
    """The reason stands at the message; the second try has the same key, so it can never become two messages."""
    page = scripted.open()
    take = scripted.answers["chat.send"]

    def busy(_: dict[str, Any]) -> Any:
        raise Refusal("The server is busy.", "UNAVAILABLE", details={"hint": "wait a moment"})

    scripted.answers["chat.send"] = busy
    scripted.say("tell me")
    expect(mine(page)).to_contain_text("Not sent: The server is busy. (wait a moment)")
    scripted.answers["chat.send"] = take
    page.get_by_role("button", name="Send again").click()

    expect(mine(page)).to_have_text("tell me")
    expect(answers(page)).to_contain_text("Thinking")
    first, second = scripted.params("chat.send")
    assert first == second


def test_a_message_that_joined_another_run_leaves_no_empty_bubble(scripted: ScriptedGateway) -> None:
    """A run that ends without a message was taken over by another one."""
    page = scripted.open()
    run = scripted.say("and this too")
    expect(answers(page)).to_have_count(1)

    scripted.chat(run, "final")

    expect(answers(page)).to_have_count(0)
    expect(mine(page)).to_have_text(["and this too"])


def test_events_of_other_sessions_stay_out(scripted: ScriptedGateway) -> None:
    """A gateway tells all sessions; the page shows the one that is open."""
    page = scripted.open()
    expect(page.get_by_role("heading", name="What should we work on?")).to_be_visible()
    message = {"role": "assistant", "content": text("elsewhere")}
    scripted.emit("chat", {"runId": "x", "sessionKey": "agent:main:other", "state": "final", "message": message})
    run = scripted.say("here")

    scripted.chat(run, "final", "answer")

    expect(answers(page).locator(".prose")).to_have_text(["answer"])


def test_stop_names_the_session(scripted: ScriptedGateway) -> None:
    """Escape in the message box stops what runs in this session."""
    page = scripted.open()
    run = scripted.say("tell me")
    scripted.chat(run, "delta", "It was")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()

    page.keyboard.press("Escape")

    scripted.wait(lambda: bool(scripted.params("chat.abort")))
    assert scripted.params("chat.abort") == [{"sessionKey": MAIN}]
    scripted.chat(run, "aborted", "It was", stopReason="rpc")
    expect(answers(page)).to_contain_text("Stopped")


def test_a_history_that_cannot_be_read_says_why(scripted: ScriptedGateway) -> None:
    """The reason stands in the conversation, with a way to try again."""
    whole = scripted.answers["chat.history"]

    def locked(_: dict[str, Any]) -> Any:
        raise Refusal("missing scope: operator.read", "FORBIDDEN", details={"code": "MISSING_SCOPE"})

    scripted.answers["chat.history"] = locked
    page = scripted.open()
    expect(page.get_by_role("alert")).to_contain_text("missing scope: operator.read")
    expect(page.get_by_role("alert")).to_contain_text("SSH tunnel")

    scripted.answers["chat.history"] = whole
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("alert")).to_have_count(0)


def test_earlier_messages_come_on_request(scripted: ScriptedGateway) -> None:
    """A long conversation opens with its end; a click brings more."""
    rows = [row("user", f"number {n}", f"r{n}", f"m{n}") for n in range(150)]
    scripted.answers["chat.history"] = lambda params: {
        "messages": rows[-params["limit"] :],
        "hasMore": params["limit"] < len(rows),
    }
    page = scripted.open()
    expect(mine(page)).to_have_count(100)

    page.get_by_role("button", name="Show earlier messages").click()

    expect(mine(page)).to_have_count(150)
    expect(page.get_by_role("button", name="Show earlier messages")).to_have_count(0)


def test_health_and_presence_are_followed(scripted: ScriptedGateway) -> None:
    """The gateway's panel changes with its events."""
    page = scripted.open()
    panel = page.get_by_label("Gateway", exact=True)
    for shown in ("9.9.9", "1 h 5 min", "good", "/srv/claw/a"):
        expect(panel).to_contain_text(shown)

    scripted.emit("health", {"ok": True, "eventLoop": {"degraded": True, "reasons": ["loop_delay"]}})
    scripted.emit(
        "presence", {"presence": [{"mode": "webchat"}, {"mode": "node"}, {"mode": "ui", "reason": "disconnect"}]}
    )

    expect(panel).to_contain_text("loop delay")
    expect(panel.locator(".dot")).to_have_attribute("data-state", "warn")
    expect(panel.locator("div", has_text="Clients").locator("dd")).to_have_text("2")


def test_a_restart_is_called_a_restart(scripted: ScriptedGateway) -> None:
    """The gateway's farewell explains the pause."""
    page = scripted.open()
    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    scripted.emit("shutdown", {"reason": "gateway restarting", "restartExpectedMs": 1500})

    with told_by_the_banner(page, "The gateway is restarting."):
        scripted.drop()

    expect(page.locator(".banner")).to_be_hidden()
