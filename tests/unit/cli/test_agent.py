"""`openclaw agent`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.sync.server import ServerConnection

from clawfleet.cli.agent import Printer
from tests.unit.cli.conftest import FakeGateway, OpenClaw


def turn(*deltas: str, text: str | None = None, item: str = "1", stop_reason: str = "stop", **end: str) -> Any:
    """An `agent` method that accepts, streams `deltas` and answers with their sum or `text`; `end` is the rest."""

    def answer(gateway: FakeGateway, peer: ServerConnection, request: dict[str, Any]) -> None:
        run_id = request["params"]["idempotencyKey"]
        accepted = {"runId": run_id, "sessionKey": "agent:main:main", "status": "accepted"}
        gateway.ok(peer, request, accepted)
        gateway.event(peer, "agent", {"runId": "another", "stream": "assistant", "data": {"delta": "NOT MINE"}})
        gateway.event(peer, "agent", {"runId": run_id, "stream": "lifecycle", "data": {"phase": "start"}})
        for delta in deltas:
            data = {"delta": delta, "itemId": item}
            gateway.event(peer, "agent", {"runId": run_id, "stream": "assistant", "data": data})
        payloads = [{"text": text if text is not None else "".join(deltas), "mediaUrl": None}]
        said = {"payloads": payloads, "meta": {"stopReason": stop_reason}}
        done = {"runId": run_id, "status": "ok", "summary": "completed", "result": said} | end
        gateway.ok(peer, request, done)

    return answer


def test_the_answer_is_printed_once(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["agent"] = turn("Hello", " you")
    result = openclaw("agent", "--message", "hi")
    assert (result.exit_code, result.stdout) == (0, "Hello you\n")
    params = own.calls("agent")[0]
    assert params["message"] == "hi"
    assert params["deliver"] is False
    assert params["timeout"] == 600
    assert params["idempotencyKey"]
    assert "model" not in params


@pytest.mark.parametrize("flag", ["--stream", "--no-stream"])
def test_streamed_or_not_the_text_is_the_same(own: FakeGateway, openclaw: OpenClaw, flag: str) -> None:
    own.answers["agent"] = turn("Hello", " you")
    assert openclaw("agent", "-m", "hi", flag).stdout == "Hello you\n"


def test_a_streamed_answer_that_ends_differently_is_completed(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["agent"] = turn("Let me look.", text="It is 42.")
    assert openclaw("agent", "-m", "hi", "--stream").stdout == "Let me look.\nIt is 42.\n"


def test_what_is_said_after_a_tool_starts_on_its_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer(live=True)
    assert printer.started({"runId": "r", "status": "accepted"})
    for item, delta in (("1", "Looking"), ("1", "."), ("2", "Found it.")):
        printer.event("agent", {"runId": "r", "stream": "assistant", "data": {"delta": delta, "itemId": item}})
    printer.finish("Found it.")
    assert capsys.readouterr().out == "Looking.\nFound it.\n"


@pytest.mark.parametrize(
    ("for_terminal", "said", "shown"),
    [(True, "a\x1b[2J\tb\r\nc\x07", "a\\u001b[2J\tb\nc\\u0007\n"), (False, "a\tb\r\nc\x07", "a\tb\r\nc\x07\n")],
)
def test_an_answer_cannot_play_with_the_terminal(
    capsys: pytest.CaptureFixture[str], for_terminal: bool, said: str, shown: str
) -> None:
    printer = Printer(live=True, for_terminal=for_terminal)
    printer.started({"runId": "r", "status": "accepted"})
    printer.event("agent", {"runId": "r", "stream": "assistant", "data": {"delta": said}})
    printer.finish(said)
    assert capsys.readouterr().out == shown
    Printer(live=False, for_terminal=for_terminal).finish(said)
    assert capsys.readouterr().out == shown


def test_json_is_the_whole_result_and_nothing_else(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["agent"] = turn("Hello")
    result = json.loads(openclaw("agent", "-m", "hi", "--json", "--stream").stdout)
    assert result["result"]["payloads"][0]["text"] == "Hello"


def test_flags_become_parameters(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["agent"] = turn("ok")
    flags = ["--agent", "ops", "--session-key", "agent:ops:x", "--model", "fake/m", "--timeout", "30"]
    assert openclaw("agent", "-m", "hi", *flags).exit_code == 0
    params = own.calls("agent")[0]
    assert (params["agentId"], params["sessionKey"], params["model"], params["timeout"]) == (
        "ops",
        "agent:ops:x",
        "fake/m",
        30,
    )


@pytest.mark.parametrize(("session_id", "key"), [("id-1", "agent:main:chat"), ("id-9", "id-9")])
def test_a_session_is_continued_by_id_or_begun_under_that_name(
    own: FakeGateway, openclaw: OpenClaw, session_id: str, key: str
) -> None:
    own.answers["agent"] = turn("ok")
    own.answers["sessions.list"] = {"sessions": [{"sessionId": "id-1", "key": "agent:main:chat"}]}
    assert openclaw("agent", "-m", "hi", "--session-id", session_id).exit_code == 0
    assert own.calls("agent")[0]["sessionKey"] == key


def test_a_message_can_come_from_stdin(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["agent"] = turn("ok")
    openclaw("agent", "-m", "-", stdin="from a pipe\n")
    assert own.calls("agent")[0]["message"] == "from a pipe\n"


@pytest.mark.parametrize("message", ["", "  "])
def test_an_empty_message_is_a_usage_error(openclaw: OpenClaw, message: str) -> None:
    assert openclaw("agent", "-m", message).exit_code == 2


def test_a_provider_failure_is_one_clear_line(own: FakeGateway, openclaw: OpenClaw) -> None:
    def refuse(gateway: FakeGateway, peer: ServerConnection, request: dict[str, Any]) -> None:
        gateway.ok(peer, request, {"runId": "r", "status": "accepted"})
        gateway.fail(peer, request, {"code": "UNAVAILABLE", "message": "fake/m: the key was rejected (401)"})

    own.answers["agent"] = refuse
    result = openclaw("agent", "-m", "hi", "--json")
    assert result.exit_code == 1
    assert "fake/m: the key was rejected (401)" in result.stderr
    assert json.loads(result.stdout)["ok"] is False


def test_a_run_that_did_not_end_well_fails(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["agent"] = turn("half", status="timeout")
    result = openclaw("agent", "-m", "hi")
    assert result.exit_code == 1
    assert "the turn ended with" in result.stderr


def test_ctrl_c_stops_the_run_at_the_gateway(
    own: FakeGateway, openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Printer, "event", interrupt)
    own.answers["agent"] = turn("Hello")
    own.answers["chat.abort"] = {"ok": True, "aborted": True}
    assert openclaw("agent", "-m", "hi").exit_code == 130
    run_id = own.calls("agent")[0]["idempotencyKey"]
    assert own.calls("chat.abort") == [{"sessionKey": "agent:main:main", "runId": run_id}]


STOPPED = {"status": "aborted", "summary": "aborted: rpc", "stop_reason": "aborted"}


@pytest.mark.parametrize("flag", ["--stream", "--no-stream"])
@pytest.mark.parametrize(("why", "words"), [("rpc", "another client aborted it"), ("shutdown", "is shutting down")])
def test_a_stopped_answer_is_printed_as_far_as_it_came_and_fails(
    own: FakeGateway, openclaw: OpenClaw, flag: str, why: str, words: str
) -> None:
    """A script that reads half an answer must not take it for a whole one."""
    own.answers["agent"] = turn("Half of", **STOPPED | {"summary": f"aborted: {why}"})
    result = openclaw("agent", "-m", "hi", flag)
    assert (result.exit_code, result.stdout) == (1, "Half of\n")
    assert result.stderr.startswith("✗ stopped: ")
    assert words in result.stderr


def test_a_stopped_answer_with_json_is_one_document_and_fails(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["agent"] = turn("Half of", **STOPPED)
    result = openclaw("agent", "-m", "hi", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "aborted"
    assert "✗ stopped: " in result.stderr


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_an_answer_without_words_is_said_so(own: FakeGateway, openclaw: OpenClaw, more: tuple[str, ...]) -> None:
    own.answers["agent"] = turn(text="")
    result = openclaw("agent", "-m", "hi", *more)
    assert (result.exit_code, result.stderr) == (0, "! the model gave no answer\n")


def test_an_answer_that_met_the_length_limit_is_said_to_be_cut(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["agent"] = turn("Once upon", stop_reason="length")
    result = openclaw("agent", "-m", "hi")
    assert (result.exit_code, result.stdout) == (0, "Once upon\n")
    assert result.stderr.startswith("! the answer is cut")
