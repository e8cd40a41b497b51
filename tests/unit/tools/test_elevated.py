"""Who may have commands run outside the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.requester import Requester
from clawfleet.tools.elevated import failing_gates, level_of, refusal
from clawfleet.tools.subject import ExecWish, Occasion, Subject

ALICE = Requester("telegram", sender_id="42", username="alice")


def subject(level: str | None = "on", requester: Requester | None = ALICE) -> Subject:
    return Subject("coder", "agent:coder:main", Occasion(requester=requester, wish=ExecWish(elevated=level)))


def config(elevated: dict[str, Any], own: dict[str, Any] | None = None, **defaults: Any) -> Config:
    coder = {} if own is None else {"tools": {"elevated": own}}
    return Config.model_validate(
        {"tools": {"elevated": elevated}, "agents": {"defaults": defaults, "entries": {"coder": coder}}}
    )


ALLOWED = {"allowFrom": {"telegram": ["42"]}}


@pytest.mark.parametrize(
    ("elevated", "own", "failing"),
    [
        (ALLOWED, None, ()),
        ({"allowFrom": {"telegram": ["*"]}}, None, ()),
        ({"allowFrom": {"telegram": ["username:alice"]}}, {"enabled": True}, ()),
        ({}, None, ("tools.elevated.allowFrom.telegram",)),
        ({"allowFrom": {"discord": ["42"]}}, None, ("tools.elevated.allowFrom.telegram",)),
        ({**ALLOWED, "enabled": False}, None, ("tools.elevated.enabled",)),
        (ALLOWED, {"enabled": False}, ("agents.entries.coder.tools.elevated.enabled",)),
        (ALLOWED, {"allowFrom": {"telegram": ["7"]}}, ("agents.entries.coder.tools.elevated.allowFrom.telegram",)),
        ({}, ALLOWED, ("tools.elevated.allowFrom.telegram",)),
    ],
)
def test_every_gate_has_to_open(elevated: dict[str, Any], own: dict[str, Any] | None, failing: tuple[str, ...]) -> None:
    """An agent's own section can only restrict."""
    assert failing_gates(config(elevated, own), subject()) == failing
    assert level_of(config(elevated, own), subject()) == ("off" if failing else "on")


def test_nobody_is_only_everybody() -> None:
    """A turn that no person began has no sender."""
    assert failing_gates(config(ALLOWED), subject(requester=None)) == ("tools.elevated.allowFrom",)


def test_the_session_before_the_default() -> None:
    elevated = config(ALLOWED, elevatedDefault="full")
    assert (level_of(elevated, subject(None)), level_of(elevated, subject("off"))) == ("full", "off")


def test_a_refusal_names_gates_and_keys() -> None:
    text = refusal(config({}), subject(), sandboxed=True)
    assert text.startswith("elevated is not available right now (runtime=sandboxed).\nFailing gates: ")
    assert "- tools.elevated.allowFrom.telegram\n" in text
    assert text.endswith("See: openclaw sandbox explain --session agent:coder:main")
