"""Policy: the observed matrix of tools-and-sessions §1.5, layer by layer."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.tools.catalogue import PROFILES
from clawfleet.tools.policy import Decision, canonical, decide, layers_for

SESSIONS = (
    *("sessions", "sessions_history", "sessions_list", "sessions_search", "sessions_send", "sessions_spawn"),
    "sessions_yield",
)
FILES = ("apply_patch", "edit", "ls", "read", "write")
MESSAGING = (
    *("ask_user", "conversations_list", "conversations_send", "conversations_turn", "gateway", "intent", "message"),
    *("secrets", "session_status", *SESSIONS, "subagents", "theme"),
)
# A gateway that has every tool of the matrix, with a model that reads no images.
PRESENT = sorted({*MESSAGING, *FILES, *("exec", "process", "automations", "progress_card", "browser", "web_fetch")})


def allowed(tools: dict[str, Any], *, agent: dict[str, Any] | None = None, sandboxed: bool = False) -> list[str]:
    entries = {"coder": {"tools": agent}} if agent is not None else {}
    config = Config.model_validate({"tools": tools, "agents": {"entries": entries}})
    decisions = decide(PRESENT, layers_for(config, "coder", sandboxed=sandboxed))
    return [each.name for each in decisions if each.allowed]


@pytest.mark.parametrize(
    ("tools", "expected"),
    [
        ({"profile": "full", "allow": ["group:runtime"]}, ["exec", "process", "secrets"]),
        ({"allow": ["write"]}, ["apply_patch", "write"]),
        ({"allow": ["EXEC", "Session*"]}, ["exec", "session_status", *SESSIONS]),
        ({"allow": ["bash"]}, ["exec"]),
        ({"allow": ["cron"]}, ["automations"]),
        ({"allow": ["image", "update_plan", "exec"]}, ["exec", "progress_card"]),
        ({"profile": "messaging"}, sorted(MESSAGING)),
        ({"profile": "messaging", "alsoAllow": ["group:fs"]}, sorted((*MESSAGING, *FILES))),
        ({"profile": "minimal"}, ["gateway", "session_status"]),
        ({"profile": "full"}, PRESENT),
        ({}, PRESENT),
        ({"allow": []}, PRESENT),
        ({"deny": ["write"], "allow": ["group:fs"]}, ["apply_patch", "edit", "ls", "read"]),
        ({"deny": ["*"]}, []),
        ({"deny": ["group:openclaw"]}, []),
        ({"allow": ["group:nonsense", " Read "]}, ["read"]),
        ({"profile": "minimal", "allow": ["exec"]}, []),
        ({"profile": "minimal", "alsoAllow": ["exec"], "deny": ["exec"]}, ["gateway", "session_status"]),
        ({"profile": "full", "alsoAllow": ["exec"]}, PRESENT),
    ],
)
def test_the_gateways_rules(tools: dict[str, Any], expected: list[str]) -> None:
    """Each list narrows, alsoAllow widens the profile only, a deny always wins."""
    assert allowed(tools) == sorted(expected)


def test_group_openclaw_gives_no_hands_when_allowed() -> None:
    """The group that changed its meaning between versions never hands out files or commands by surprise."""
    given = allowed({"allow": ["group:openclaw"]})
    assert not {*FILES, "exec", "process"} & set(given)
    assert "message" in given


@pytest.mark.parametrize(
    ("tools", "agent", "expected"),
    [
        ({"profile": "messaging"}, {"profile": "minimal"}, ["gateway", "session_status"]),
        ({"profile": "minimal"}, {"profile": "full"}, PRESENT),
        ({"allow": ["group:fs"]}, {"allow": ["read", "exec"]}, ["read"]),
        ({"deny": ["read"]}, {"allow": ["group:fs"]}, ["apply_patch", "edit", "ls", "write"]),
        ({"profile": "minimal"}, {"alsoAllow": ["read"]}, ["gateway", "read", "session_status"]),
        (
            {"profile": "minimal", "alsoAllow": ["read"]},
            {"alsoAllow": ["exec"]},
            ["exec", "gateway", "session_status"],
        ),
    ],
)
def test_an_agents_rules_on_top(tools: dict[str, Any], agent: dict[str, Any], expected: list[str]) -> None:
    """An agent's profile and alsoAllow replace the gateway's; its lists only narrow further."""
    assert allowed(tools, agent=agent) == sorted(expected)


def test_a_sandboxed_session_keeps_only_what_works_there() -> None:
    """Messages and the web are out of reach in a sandbox until the operator says otherwise."""
    assert allowed({}, sandboxed=True) == sorted(
        [*FILES, "exec", "process", "session_status", "subagents", *(name for name in SESSIONS if name != "sessions")]
    )


def test_a_decision_names_the_first_key_that_took_the_tool() -> None:
    """Someone who asks why a tool is missing is told one key to change."""
    config = Config.model_validate(
        {
            "tools": {"profile": "coding", "allow": ["group:runtime"], "deny": ["process"]},
            "agents": {"entries": {"coder": {"tools": {"deny": ["exec"]}}}},
        }
    )
    told = decide(["message", "read", "process", "exec", "secrets"], layers_for(config, "coder", sandboxed=False))
    assert told == (
        Decision("message", False, "profile", "tools.profile", "not-in-allow"),
        Decision("read", False, "global", "tools.allow", "not-in-allow"),
        Decision("process", False, "global", "tools.deny", "deny"),
        Decision("exec", False, "agent", "agents.entries.coder.tools.deny", "deny"),
        Decision("secrets", True),
    )
    sandboxed = decide(["browser"], layers_for(Config(), "main", sandboxed=True))
    assert sandboxed == (Decision("browser", False, "sandbox", "tools.sandbox.tools.deny", "deny"),)


def test_layers_say_where_they_come_from() -> None:
    """Untouched layers are told apart from configured ones."""
    layers = layers_for(Config.model_validate({"tools": {"allow": ["exec"]}}), "main", sandboxed=True)
    assert [(layer.name, layer.source) for layer in layers] == [
        ("profile", "default"),
        ("global", "config"),
        ("sandbox", "default"),
    ]


@pytest.mark.parametrize("spelling", ["bash", " EXEC ", "Bash"])
def test_names_have_one_canonical_form(spelling: str) -> None:
    """However it is written, it is the same tool."""
    assert canonical(spelling) == "exec"


def test_a_profile_never_holds_an_unknown_name() -> None:
    """Profiles and groups are cut from one table."""
    assert all(canonical(name) == name for members in PROFILES.values() for name in members)
