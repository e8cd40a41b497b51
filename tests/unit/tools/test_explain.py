"""The explanation adds up. Whole configs are in tests/contract/test_tool_policy.py."""

from __future__ import annotations

from clawfleet.config.models.root import Config
from clawfleet.tools.explain import explain, summary
from clawfleet.tools.layers import layers_for
from clawfleet.tools.subject import Subject

SUBJECT = Subject("main", "agent:main:main")
NAMES = ("exec", "message", "process", "read")


def test_the_seeds_trap_is_said_in_one_line() -> None:
    config = Config.model_validate({"tools": {"profile": "full", "allow": ["group:runtime"]}})
    found = explain(NAMES, layers_for(config, SUBJECT), SUBJECT, is_sandboxed=False)
    assert summary(found) == "2 of 4 (narrowed by tools.allow)"
    assert (found.allowed, found.narrowing) == (("exec", "process"), ("tools.allow",))
    assert [(step.before, step.after, step.removed) for step in found.steps] == [
        (4, 4, ()),
        (4, 2, ("message", "read")),
    ]


def test_nothing_that_narrows_is_nothing_to_tell() -> None:
    found = explain(NAMES, layers_for(Config(), SUBJECT), SUBJECT, is_sandboxed=False)
    assert summary(found) == "4 of 4"


def test_what_cannot_work_is_counted_and_not_left() -> None:
    """The total is the same whether or not somebody looked; policy's own rows are too."""
    layers = layers_for(Config(), SUBJECT)
    found = explain(NAMES, layers, SUBJECT, is_sandboxed=False, absent={"message": "no channel is configured"})
    assert (found.total, found.allowed) == (4, ("exec", "process", "read"))
    assert summary(found) == "3 of 4"
