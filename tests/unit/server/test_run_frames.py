"""Run events as the frames that clients know."""

from clawfleet.agents.events import (
    Body,
    Compacting,
    Ended,
    Failed,
    LoopNoticed,
    ModelChosen,
    ReasoningGrew,
    Replied,
    RunEvent,
    Started,
    Status,
    TextGrew,
    ToolEnded,
    ToolReported,
    ToolStarted,
    UsageCounted,
)
from clawfleet.server.run_frames import frames

SAMPLES: tuple[Body, ...] = (
    Status("starting_model"),
    Started(1),
    ModelChosen("p", "m"),
    TextGrew("Hel", "l", "i"),
    ToolStarted("c1", "exec", {"command": "ls"}, 1),
    ToolReported("c1", "exec", "a\n"),
    ToolEnded("c1", "exec", "a\nb", False, {"exitCode": 0, "durationMs": 5, "cwd": "/w"}, 1, 6),
    LoopNoticed("c1", "ls", "warning", "generic_repeat", 10, "again"),
    UsageCounted(12),
    Ended("Hello", "stop", False, 1, 9, "p", "m", ("exec",)),
    Replied("done"),
    Compacting("end", done=True),
    ReasoningGrew("Hm", "m", "stream"),
    Failed(
        "rate limited", "RATE_LIMITED", 1, 9, {"reason": "rate_limit", "provider": "p", "model": "m", "status": 429}
    ),
)


def sent(body: Body) -> list[tuple[str, dict[str, object], str | None]]:
    return list(frames(RunEvent("run", "agent:main:main", "sid", "main", 3, 7, body)))


def test_summing_up_in_the_middle_of_a_run_is_told() -> None:
    ((name, begun, _),) = sent(Compacting("start"))
    ((_, ended, _),) = sent(Compacting("end", done=True))
    assert (name, begun["stream"], begun["data"]) == ("agent", "compaction", {"phase": "start"})
    assert ended["data"] == {"phase": "end", "completed": True, "willRetry": True}


def test_what_a_model_thinks_is_a_stream_of_its_own() -> None:
    ((name, payload, capability),) = sent(ReasoningGrew("Hm", "m", "stream"))
    assert (name, payload["stream"], payload["data"]) == ("agent", "thinking", {"text": "Hm", "delta": "m"})
    assert capability is None


def test_a_loop_is_told_with_its_call() -> None:
    ((_, payload, _),) = sent(LoopNoticed("c1", "ls", "critical", "ping_pong", 20, "CRITICAL"))
    assert (payload["stream"], payload["data"]) == (
        "tool_loop",
        {
            "toolCallId": "c1",
            "toolName": "ls",
            "level": "critical",
            "detector": "ping_pong",
            "count": 20,
            "message": "CRITICAL",
        },
    )


def test_text_goes_out_cumulative_and_as_what_is_new() -> None:
    (_, agent, _), (_, chat, _) = sent(TextGrew("Hel", "l", "i"))
    assert agent["data"] == {"text": "Hel", "delta": "l", "itemId": "i"}
    assert chat["deltaText"] == "l"
    assert chat["message"] == {"role": "assistant", "content": [{"type": "text", "text": "Hel"}], "timestamp": 7}
    assert chat["seq"] == agent["seq"] == 3


def test_only_the_tool_stream_needs_a_capability() -> None:
    for body in SAMPLES:
        for _, payload, needs in sent(body):
            assert (needs == "tool-events") == (payload.get("stream") == "tool")


def test_a_tool_is_told_as_item_tool_and_command_output() -> None:
    ended = [payload for _, payload, _ in sent(SAMPLES[6])]
    assert [payload["stream"] for payload in ended] == ["tool", "item", "command_output"]
    output = ended[2]["data"]
    assert isinstance(output, dict)
    assert (output["output"], output["exitCode"], output["status"]) == ("a\nb", 0, "completed")


def test_an_answer_ends_in_final_and_an_abort_in_aborted_with_the_partial_text() -> None:
    assert sent(Ended("Hello", "stop", False, 1, 9))[-1][1]["state"] == "final"
    aborted = sent(Ended("Hel", "rpc", True, 1, 9))[-1][1]
    assert (aborted["state"], aborted["stopReason"]) == ("aborted", "rpc")
    assert "message" in aborted
    assert "message" not in sent(Ended("", "rpc", True, 1, 9))[-1][1]


def test_a_failure_before_any_word_is_told_once_more_as_a_reply() -> None:
    *_, chat, reply = (payload for _, payload, _ in sent(SAMPLES[-1]))
    assert (reply["state"], reply["seq"]) == ("error", 1)
    assert str(reply["errorMessage"]).startswith(f"⚠️ Agent failed before reply: {chat['errorMessage']}")
    assert len(sent(Failed("cut", "X", 1, 2, said=True))) == 2


def test_a_failure_says_what_kind_and_whose_model() -> None:
    chat = sent(SAMPLES[-1])[-2][1]
    assert (chat["state"], chat["errorMessage"], chat["errorKind"]) == ("error", "rate limited", "rate_limit")
    assert chat["errorDetail"] == {
        "failoverReason": "rate_limit",
        "providerRuntimeFailureKind": "RATE_LIMITED",
        "provider": "p",
        "model": "m",
        "httpStatus": 429,
    }


def test_a_run_finishes_before_it_ends_and_chat_has_the_last_number() -> None:
    finishing, end, chat = (payload for _, payload, _ in sent(Ended("Hello", "stop", False, 1, 9, "p", "m")))
    assert [payload["seq"] for payload in (finishing, end, chat)] == [3, 4, 4]
    assert finishing["data"] == {"phase": "finishing", "stopReason": "stop", "aborted": False, "endedAt": 9}
    data = end["data"]
    assert isinstance(data, dict)
    assert (data["phase"], data["terminalReply"]) == ("end", {"disposition": "visible", "text": "Hello"})
