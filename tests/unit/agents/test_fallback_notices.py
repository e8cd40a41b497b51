"""A chat is told once that a fallback answers, and once that it is over."""

from types import SimpleNamespace
from typing import Any

from clawfleet.agents.fallback_notices import FallbackNotices
from clawfleet.agents.run import Outcome
from clawfleet.core.requester import Requester
from clawfleet.models.failover import Switched
from clawfleet.models.refs import ModelRef

MAIN, SPARE, LAST = (ModelRef("lan", name) for name in ("main", "spare", "last"))


def run(answered: ModelRef, **requester: Any) -> Any:
    switched = None if answered == MAIN else Switched(answered, MAIN, "rate_limit")
    asked = SimpleNamespace(requester=Requester("telegram", **requester) if requester else None)
    return SimpleNamespace(session_key="agent:main:main", switched=switched, asked=asked)


def test_each_change_is_told_once() -> None:
    notices = FallbackNotices()
    told = [notices.of(run(ref), Outcome("stop", model=ref)) for ref in (MAIN, SPARE, SPARE, LAST, MAIN, MAIN)]
    assert told == [
        None,
        "↪️ Model Fallback: lan/spare (selected lan/main; rate limit)",
        None,
        "↪️ Model Fallback: lan/last (selected lan/main; rate limit)",
        "↪️ Model Fallback cleared: lan/main (was lan/last)",
        None,
    ]


def test_groups_and_runs_without_an_answer_are_told_nothing() -> None:
    notices = FallbackNotices()
    assert notices.of(run(SPARE, chat_type="group"), Outcome("stop", model=SPARE)) is None
    assert notices.of(run(SPARE), Outcome("stop", model=SPARE, aborted="rpc")) is None
    assert notices.of(run(MAIN), Outcome("stop")) is None
    assert notices.of(run(SPARE, chat_type="direct"), Outcome("stop", model=SPARE)) is not None
