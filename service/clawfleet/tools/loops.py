"""Notices an agent that repeats itself within one run: first it is warned, then the call is not run, then the run ends.

Two calls are the same when tool and arguments are; nothing has moved on when their results are the same too
(`progress`). Decides only. Source: tools-and-sessions §4.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, TypeVar

from clawfleet.config.models.loop_detection import LoopDetection
from clawfleet.config.models.root import Config
from clawfleet.tools.progress import outcome_of

T = TypeVar("T")

UNKNOWN_LIMIT = 10
"""How often a tool may be called that there is not."""
LEAST_PER_VARIANT = 3

Detector = Literal[
    "unknown_tool_repeat",
    "global_circuit_breaker",
    "known_poll_no_progress",
    "ping_pong",
    "generic_repeat",
    "argument_churn",
]

STOPPED = (
    "OpenClaw stopped this run because tool-loop recovery encountered another critical loop. "
    "No blocked tool action was executed."
)
"""The answer of a run that goes on repeating itself after a call was blocked."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop that was noticed: how often so far, and what the model is told."""

    level: Literal["warning", "critical"]
    detector: Detector
    tool: str
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class _Call:
    """One call that is over. `outcome` is the same for results between which nothing moved on."""

    tool: str
    signature: str
    outcome: str
    is_unknown: bool = False


class Loops:
    """The calls of one run. Ask `before` a call, tell `after` it; switched off it sees nothing."""

    def __init__(self, settings: LoopDetection) -> None:
        self._settings = settings
        self._calls: deque[_Call] = deque(maxlen=settings.history_size)
        self._blocked = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether a second call had to be blocked: the run is to end."""
        return self._blocked > 1

    def before(self, tool: str, arguments: Mapping[str, object]) -> Loop | None:
        """Why this call must not run, None when it may."""
        if not self._settings.enabled:
            return None
        found = next(self._criticals(tool, arguments, signature_of(tool, arguments)), None)
        if found is not None:
            self._blocked += 1
        return found

    def after(
        self,
        tool: str,
        arguments: Mapping[str, object],
        text: str,
        details: Mapping[str, object],
        *,
        known: bool = True,
    ) -> Loop | None:
        """What the model is to be warned of with this result, None for nothing."""
        if not self._settings.enabled:
            return None
        signature = signature_of(tool, arguments)
        self._calls.append(_Call(tool, signature, outcome_of(tool, arguments, text, details), is_unknown=not known))
        found = self._warning(tool, arguments, signature)
        # Told at the threshold and at its multiples, not with every further call.
        return found if found is not None and found.count % self._settings.warning_threshold == 0 else None

    def _criticals(self, tool: str, arguments: Mapping[str, object], signature: str) -> Iterator[Loop]:
        """Why this call must not run, what counts first first."""
        settings, on = self._settings, self._settings.detectors
        unknown = self._run_of(lambda call: call.is_unknown and call.tool == tool)
        same, limit = self._same_outcomes(signature), settings.critical_threshold
        if unknown >= UNKNOWN_LIMIT:
            text = f"Tool {tool} was called {unknown} times and does not exist. Answer without it."
            yield _stop("unknown_tool_repeat", tool, unknown, text)
        if same >= settings.global_circuit_breaker_threshold:
            text = f"Called {tool} with identical outcomes {same} times, whatever was configured: {_BLOCKED}"
            yield _stop("global_circuit_breaker", tool, same, text)
        if is_poll(tool, arguments):
            if on.known_poll_no_progress and same >= limit:
                text = f"Asked {tool} {same} times and nothing changed. {_BLOCKED}"
                yield _stop("known_poll_no_progress", tool, same, text)
            return
        turns, is_idle = self._turns(signature)
        if on.ping_pong and turns >= limit and is_idle:
            text = f"Alternated between two calls {turns} times with identical outcomes. {_BLOCKED}"
            yield _stop("ping_pong", tool, turns, text)
        if on.generic_repeat and same >= limit:
            text = f"Called {tool} with identical outcomes {same} times. {_BLOCKED}"
            yield _stop("generic_repeat", tool, same, text)

    def _warning(self, tool: str, arguments: Mapping[str, object], signature: str) -> Loop | None:
        on, limit = self._settings.detectors, self._settings.warning_threshold
        if is_poll(tool, arguments):
            same = self._same_outcomes(signature)
            return _warn("known_poll_no_progress", tool, same) if on.known_poll_no_progress and same >= limit else None
        turns, _ = self._turns(None)
        if on.ping_pong and turns >= limit:
            return _warn("ping_pong", tool, turns)
        if not on.generic_repeat:
            return None
        if (churned := self._churn(tool)) >= limit:
            return _warn("argument_churn", tool, churned)
        repeated = sum(call.signature == signature for call in self._calls)
        return _warn("generic_repeat", tool, repeated) if repeated >= limit else None

    def _same_outcomes(self, signature: str) -> int:
        """How often this very call ended as it did last time, without another outcome in between."""
        own = [call.outcome for call in reversed(self._calls) if call.signature == signature]
        return _head(own, lambda outcome: outcome == own[0])

    def _turns(self, coming: str | None) -> tuple[int, bool]:
        """How long two calls have taken turns, with the one that is `coming`; and whether neither brought news."""
        signatures = [call.signature for call in reversed(self._calls)]
        if coming is not None:
            signatures.insert(0, coming)
        if len(signatures) < 2 or signatures[0] == signatures[1]:
            return 0, False
        length = _head(enumerate(signatures), lambda each: each[1] == signatures[each[0] % 2])
        seen = list(reversed(self._calls))[: length - (coming is not None)]
        outcomes = {
            signature: {call.outcome for call in seen if call.signature == signature} for signature in signatures[:2]
        }
        return length, all(len(each) == 1 for each in outcomes.values())

    def _churn(self, tool: str) -> int:
        """How often a tool was called with a few variants of arguments, each again and again, all with one outcome."""
        calls = list(takewhile(lambda call: call.tool == tool, reversed(self._calls)))
        outcome = calls[0].outcome if calls else ""
        calls = list(takewhile(lambda call: call.outcome == outcome, calls))
        variants = [sum(call.signature == each for call in calls) for each in {call.signature for call in calls}]
        return len(calls) if len(variants) > 1 and min(variants) >= LEAST_PER_VARIANT else 0

    def _run_of(self, fits: Callable[[_Call], bool]) -> int:
        return _head(reversed(self._calls), fits)


_BLOCKED = "Session execution blocked to prevent runaway loops."
_ADVICE = "Try something else, ask the user, or answer with what you know."


def settings_of(config: Config, agent_id: str) -> LoopDetection:
    """What holds for one agent: its own keys win one by one."""
    entry = config.agents.entries.get(agent_id)
    own = entry.tools.loop_detection if entry and entry.tools else LoopDetection()
    return config.tools.loop_detection.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})


def note_of(loop: Loop) -> str:
    """What stands at the end of a result that comes with a warning."""
    return (
        f"[System note: Tool-loop warning after {loop.count} repeated calls. "
        "Change your approach or stop if you are not making progress.]"
    )


def signature_of(tool: str, arguments: Mapping[str, object]) -> str:
    """One text for calls that are the same."""
    told = json.dumps(arguments, sort_keys=True, separators=(",", ":"), default=str)
    return f"{tool}:{hashlib.sha256(told.encode(errors='replace')).hexdigest()}"


def is_poll(tool: str, arguments: Mapping[str, object]) -> bool:
    """Whether the call asks how something is getting on: the same question again and again is its nature."""
    return tool == "command_status" or (tool == "process" and arguments.get("action") in ("poll", "log"))


def _stop(detector: Detector, tool: str, count: int, text: str) -> Loop:
    return Loop("critical", detector, tool, count, f"CRITICAL: {text} {_ADVICE}")


def _warn(detector: Detector, tool: str, count: int) -> Loop:
    return Loop("warning", detector, tool, count, f"{tool} was called {count} times without getting on")


def _head(items: Iterable[T], fits: Callable[[T], bool]) -> int:
    """How many of the first items fit."""
    return sum(1 for _ in takewhile(fits, items))
