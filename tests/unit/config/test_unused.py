"""The table of keys that are accepted without effect or refused."""

from __future__ import annotations

import pytest

from clawfleet.config.keys import sort_keys
from clawfleet.config.shape import shape_at
from clawfleet.config.unused import REFUSED, UNUSED, reason_refused, reason_unused, siblings


def test_no_key_is_both_acted_on_and_listed() -> None:
    """The table lists what the models do not take; `*` entries are for the names nobody took."""
    listed = [key for key in (*UNUSED, *REFUSED) if not key.endswith("*")]
    assert [key for key in listed if shape_at(tuple(key.split("."))) is not None] == []


def test_every_entry_stands_below_something_that_exists() -> None:
    """An entry nobody can reach would be a slip of the pen."""
    parents = {key.rpartition(".")[0] for key in (*UNUSED, *REFUSED)} - {""}
    assert [parent for parent in parents if shape_at(tuple(parent.split("."))) is None] == []


def test_reasons() -> None:
    """Exact entries win over patterns; bookkeeping has an empty reason."""
    assert reason_unused(("cron",)) == "nothing is scheduled yet"
    assert reason_unused(("meta",)) == ""
    assert reason_unused(("agents", "entries", "main", "heartbeat")) == "nothing is scheduled yet"
    assert reason_unused(("models", "providers", "x", "models", 0, "cost")) == "costs are not counted yet"
    assert reason_unused(("gateway", "port")) is None
    assert reason_unused(("cron", "enabled")) is None
    assert reason_refused(("tools", "exec", "strictInlineEval")) is not None
    assert reason_refused(("tools", "allow")) is None


def test_what_the_original_writes_by_itself_is_accepted() -> None:
    """Keys that its onboarding and its doctor put into a file, so that the file can be brought along."""
    found = sort_keys(
        {
            "meta": {"migrations": {"modelPolicyAllowlist": True}},
            "agents": {
                "ownership": "explicit",
                "defaults": {"systemAgent": {"agentId": "main"}, "authInheritance": {"agentId": "work"}},
            },
            "plugins": {"entries": {"brave": {"config": {}}}},
            "skills": {"install": {"nodeManager": "npm"}},
            "tts": {"auto": "off"},
        }
    )
    assert found.errors == []
    assert not [problem for problem in found.warnings if "Unrecognized" in problem.message]


def test_what_would_narrow_refuses_the_file() -> None:
    """An operator who limits something must not get more than that without noticing."""
    assert [problem.path for problem in sort_keys({"gateway": {"roles": {}}, "proxy": {"enabled": True}}).errors] == [
        ("gateway", "roles"),
        ("proxy",),
    ]


def test_siblings() -> None:
    """The names a mistyped key may have meant."""
    assert "push" in siblings(("gateway",))
    assert "heartbeat" in siblings(("agents", "entries", "main"))
    assert "*" not in siblings(("channels",))


@pytest.mark.parametrize("key", [*UNUSED, *REFUSED])
def test_every_reason_reads_as_half_a_sentence(key: str) -> None:
    """It is printed after a colon."""
    reason = {**UNUSED, **REFUSED}[key]
    assert reason == "" or (not reason.endswith(".") and reason[0].islower())
