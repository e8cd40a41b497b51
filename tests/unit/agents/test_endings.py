"""How a run's end reads."""

from clawfleet.agents.endings import error_text, reply_text, usage_line
from clawfleet.agents.run import Outcome
from clawfleet.core.errors import GatewayError
from clawfleet.core.messages import Usage
from clawfleet.models.refs import ModelRef


def test_a_person_is_told_when_there_is_no_answer_or_only_a_part_of_it() -> None:
    assert "couldn't generate" in reply_text(Outcome("stop"))
    assert reply_text(Outcome("stop", visible="hi")) == "hi"
    assert reply_text(Outcome("length", visible="hi")).startswith("hi\n\n⚠️ Reply truncated")
    assert reply_text(Outcome("aborted", visible="hi", aborted="rpc")) == ""


def test_a_failure_says_what_happened_and_operators_are_told_the_cure_too() -> None:
    error = GatewayError("no key", hint="set one")
    assert reply_text(Outcome("error", error=error)) == "⚠️ no key"
    assert error_text(error) == "no key (set one)"
    assert error_text(GatewayError("no key")) == "no key"


def test_tokens_are_told_where_they_are_wanted() -> None:
    outcome = Outcome("stop", text="hi", usage=Usage(input=10, output=2), model=ModelRef("fake", "one"))
    assert usage_line(outcome, "tokens") == "\n\nUsage: 10 in / 2 out"
    assert usage_line(outcome, "full").endswith(" · fake/one")
    assert usage_line(outcome, None) == usage_line(Outcome("stop"), "full") == ""
