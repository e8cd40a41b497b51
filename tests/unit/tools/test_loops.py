"""Loops: what is a warning, what is blocked, what ends the run, and what is no loop at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from clawfleet.config.models.loop_detection import LoopDetection
from clawfleet.tools.loops import Loop, Loops, note_of, signature_of

Step = tuple[str, Mapping[str, object], str]


def loops(**settings: Any) -> Loops:
    return Loops(LoopDetection.model_validate({"enabled": True, **settings}))


def play(watch: Loops, steps: Iterable[Step], *, known: bool = True) -> list[tuple[int, str, str]]:
    """What was noticed: at which call (from 1), at which level, by which detector."""
    noticed: list[tuple[int, Loop | None]] = []
    for number, (tool, arguments, text) in enumerate(steps, 1):
        blocked = watch.before(tool, arguments)
        noticed.append((number, blocked))
        if watch.is_hopeless:
            break
        if blocked is None:
            noticed.append((number, watch.after(tool, arguments, text, {}, known=known)))
    return [(number, loop.level, loop.detector) for number, loop in noticed if loop is not None]


def again(count: int, tool: str = "ls", text: str = "same", **arguments: object) -> list[Step]:
    return [(tool, arguments, text)] * count


def test_24_identical_calls_are_warned_of_at_10_and_blocked_at_20() -> None:
    """Twenty ran with the same outcome: the next is not run, and the one after it ends the run."""
    watch = loops()
    assert play(watch, again(24)) == [
        (10, "warning", "generic_repeat"),
        (20, "warning", "generic_repeat"),
        (21, "critical", "generic_repeat"),
        (22, "critical", "generic_repeat"),
    ]
    assert watch.is_hopeless


def test_the_words_are_those_that_models_know() -> None:
    watch = loops()
    play(watch, again(20))
    blocked = watch.before("ls", {})
    assert blocked is not None
    assert blocked.text.startswith(
        "CRITICAL: Called ls with identical outcomes 20 times. Session execution blocked to prevent runaway loops."
    )
    assert note_of(Loop("warning", "generic_repeat", "ls", 10, "")) == (
        "[System note: Tool-loop warning after 10 repeated calls. "
        "Change your approach or stop if you are not making progress.]"
    )


def test_thresholds_of_the_config_hold() -> None:
    watch = loops(warningThreshold=3, criticalThreshold=5, globalCircuitBreakerThreshold=8)
    assert play(watch, again(9))[:2] == [(3, "warning", "generic_repeat"), (6, "critical", "generic_repeat")]


def test_it_is_off_by_choice() -> None:
    assert play(Loops(LoopDetection()), again(40)) == []


def test_another_result_is_progress() -> None:
    """The same call is warned of, but not blocked, as long as it brings news."""
    steps: list[Step] = [("ls", {}, f"{number}") for number in range(25)]
    assert {level for _, level, _ in play(loops(), steps)} == {"warning"}


def test_other_arguments_are_another_call() -> None:
    assert play(loops(), [("read", {"path": f"{number}"}, f"{number}") for number in range(40)]) == []


def test_one_answer_by_the_way_helps_a_new_start() -> None:
    watch = loops()
    play(watch, again(20))
    assert watch.before("read", {"path": "x"}) is None and not watch.is_hopeless


def test_the_order_of_arguments_does_not_matter() -> None:
    assert signature_of("x", {"a": 1, "b": 2}) == signature_of("x", {"b": 2, "a": 1})


@pytest.mark.parametrize("action", ["poll", "log"])
def test_polling_that_hears_nothing_new(action: str) -> None:
    arguments = {"action": action, "sessionId": "a"}
    assert play(loops(), again(24, "process", "Process still running.", **arguments))[0::2] == [
        (10, "warning", "known_poll_no_progress"),
        (21, "critical", "known_poll_no_progress"),
    ]
    growing = [("process", arguments, f"line {number}") for number in range(40)]
    assert play(loops(), growing) == []


def test_two_calls_by_turns() -> None:
    steps = [("read", {"path": "a"}, "A"), ("read", {"path": "b"}, "B")] * 12
    found = play(loops(), steps)
    assert found[0] == (10, "warning", "ping_pong")
    assert (20, "critical", "ping_pong") in found


def test_by_turns_with_news_is_only_warned_of() -> None:
    steps: list[Step] = [(tool, {}, f"{number}") for number in range(15) for tool in ("read", "exec")]
    assert {level for _, level, _ in play(loops(), steps)} == {"warning"}


def test_a_few_variants_with_one_outcome() -> None:
    """Not one of them is repeated ten times, together they are."""
    steps: list[Step] = [("exec", {"command": f"c{number % 3}"}, "nothing") for number in range(20)]
    assert ("warning", "argument_churn") in {each[1:] for each in play(loops(), steps)}


def test_a_tool_that_there_is_not() -> None:
    assert play(loops(), again(14, "nosuch", "not found", n=1), known=False)[-2:] == [
        (11, "critical", "unknown_tool_repeat"),
        (12, "critical", "unknown_tool_repeat"),
    ]


@pytest.mark.parametrize(
    ("detector", "steps"),
    [
        ("genericRepeat", again(29)),
        ("knownPollNoProgress", again(29, "process", action="poll")),
        ("pingPong", [("read", {"path": "a"}, "A"), ("read", {"path": "b"}, "B")] * 3),
    ],
)
def test_a_detector_may_be_off_but_for_the_last_of_them(detector: str, steps: list[Step]) -> None:
    settings = {"detectors": {detector: False}, "warningThreshold": 4, "criticalThreshold": 8}
    assert play(loops(**settings), steps) == []


def test_the_circuit_breaker_is_never_off() -> None:
    watch = loops(detectors={"genericRepeat": False})
    assert play(watch, again(32))[0] == (31, "critical", "global_circuit_breaker")


def test_only_so_many_calls_are_remembered() -> None:
    watch = loops(historySize=5, warningThreshold=6, criticalThreshold=7, globalCircuitBreakerThreshold=8)
    assert play(watch, again(30)) == []
