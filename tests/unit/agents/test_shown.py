"""What is shown of a run besides its answer, and in which words."""

from typing import Any

import pytest

from clawfleet.agents.events import Body, ReasoningGrew, Started, ToolEnded, ToolStarted
from clawfleet.agents.shown import MOST_CHARS, MOST_DETAIL, aside, reasoning_of, verbose_of
from clawfleet.config.models.agents import Agents, Verbose
from clawfleet.sessions.model import Choices, Session


def session(agent_id: str = "main", **choices: Any) -> Session:
    return Session("k", "s", agent_id, 1, 1, choices=Choices(**choices))


def test_a_message_is_stronger_than_its_session_that_than_the_agent_that_than_all_agents() -> None:
    agents = Agents.model_validate(
        {
            "defaults": {"verboseDefault": "on", "reasoningDefault": "stream"},
            "entries": {"main": {}, "own": {"verboseDefault": "off", "reasoningDefault": "on"}},
        }
    )
    assert (verbose_of(session(), Agents()), reasoning_of(session(), Agents())) == ("off", "off")
    assert (verbose_of(session(), agents), reasoning_of(session(), agents)) == ("on", "stream")
    assert (verbose_of(session("own"), agents), reasoning_of(session("own"), agents)) == ("off", "on")
    chosen = session("own", verbose="full", reasoning="off")
    assert (verbose_of(chosen, agents), reasoning_of(chosen, agents)) == ("full", "off")
    ordered = {"verbose": "off", "reasoning": "stream"}
    assert (verbose_of(chosen, agents, ordered), reasoning_of(chosen, agents, ordered)) == ("off", "stream")


def ended(text: str, *, is_error: bool = False) -> ToolEnded:
    return ToolEnded("c", "exec", text, is_error, {}, 1, 2)


BEGUN = ToolStarted("c", "exec", {"timeout": 5, "command": "ls  -l\n/tmp"}, 1)


@pytest.mark.parametrize(
    ("body", "verbose", "told"),
    [
        (BEGUN, "off", None),
        (BEGUN, "on", "🛠️ Exec"),
        (BEGUN, "full", "🛠️ Exec: ls -l /tmp"),
        (ToolStarted("c", "exec", {"timeout": 5}, 1), "full", "🛠️ Exec"),
        (ended("a\nb\n"), "off", None),
        (ended("a\nb\n"), "on", None),
        (ended("a\nb\n"), "full", "🛠️ Exec result\n```\na\nb\n```"),
        (ended(" "), "full", "🛠️ Exec result"),
        (ended("no", is_error=True), "off", None),
        (ended("no", is_error=True), "on", "⚠️ Exec failed"),
        (ended("no", is_error=True), "full", "⚠️ Exec failed\n```\nno\n```"),
        (ReasoningGrew("why\n", "", "on", is_whole=True), "off", "Thinking\n\nwhy"),
        (ReasoningGrew("why", "y", "on"), "full", None),
        (ReasoningGrew("why", "", "stream", is_whole=True), "full", None),
        (Started(1), "full", None),
    ],
)
def test_a_chat_is_told_what_its_session_wants(body: Body, verbose: Verbose, told: str | None) -> None:
    assert aside(body, verbose) == told


def test_what_is_long_is_cut_and_an_output_stays_in_its_block() -> None:
    begun = aside(ToolStarted("c", "exec", {"command": "x" * 1000}, 1), "full")
    assert begun == f"🛠️ Exec: {'x' * MOST_DETAIL}…"
    output = aside(ended("```" + "y" * 5000), "full") or ""
    assert output.count("```") == 2
    assert len(output) < MOST_CHARS + 50
