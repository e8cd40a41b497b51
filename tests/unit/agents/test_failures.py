"""Failures of runs name what the user or the operator can do."""

from clawfleet.agents.failures import Draining, InternalFailure, TurnTimedOut


def test_each_says_what_to_do() -> None:
    assert Draining().hint == "send the message again shortly"
    assert TurnTimedOut(2.5).message == "the turn was stopped after 2.5 seconds"
    assert TurnTimedOut(2.5).hint == "raise agents.defaults.timeoutSeconds"
    assert InternalFailure("run-1").hint == "look for run run-1 in `openclaw logs`"


def test_who_sends_again_later_may_succeed() -> None:
    assert Draining().is_retryable
