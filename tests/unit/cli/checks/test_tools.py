"""What `doctor` says about lists of tools."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.tools import _explained, not_read_only, speechless, trapped, unknown
from clawfleet.config.models.root import Config

TELEGRAM = {"telegram": {"botToken": "1:a"}}


def config(tools: dict[str, Any], **more: Any) -> Config:
    return Config.model_validate({"tools": tools, **more})


def ids(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(each.check_id, each.path, each.fix) for each in found]


@pytest.mark.parametrize("profile", [{}, {"profile": "full"}])
def test_a_full_profile_beside_an_allow_list(profile: dict[str, str]) -> None:
    """The trap: the list was meant to add."""
    found = ids(list(trapped(config({**profile, "allow": ["group:runtime"]}))))
    assert found == [("tools.allow_narrows_full", "tools.allow", "openclaw config unset tools.allow")]


def test_a_list_beside_a_smaller_profile_is_meant() -> None:
    assert not list(trapped(config({"profile": "coding", "allow": ["read"]})))
    assert not list(trapped(config({"allow": ["*"]})))


def test_entries_that_match_no_tool() -> None:
    found = ids(list(unknown(config({"alsoAllow": ["query_db"], "profile": "minimal"}))))
    assert found == [("tools.unknown_entries", "tools.alsoAllow", "openclaw config unset tools.alsoAllow")]
    assert not list(unknown(config({"allow": ["exec", "docs__*", "group:plugins"]})))


DENIES_MORE = """openclaw config set tools.deny '["write", "edit", "exec", "process"]'"""


@pytest.mark.parametrize(
    ("tools", "expected"),
    [
        ({"deny": ["write", "edit"]}, [("tools.deny", DENIES_MORE)]),
        ({"deny": ["group:fs", "exec"]}, []),
        ({"allow": ["read", "exec"]}, []),
    ],
)
def test_denied_files_with_a_shell_are_not_read_only(tools: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    found = not_read_only(_explained(config(tools), {}, "main"))
    assert [(each.path, each.fix) for each in found] == expected


def test_an_agent_with_a_channel_that_cannot_send(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told with the key, and the command that mends it."""
    monkeypatch.setattr("clawfleet.cli.checks.tools.names", lambda: ["exec", "message"])
    trap = config({"allow": ["group:runtime"]}, channels=TELEGRAM)
    assert ids(list(speechless(trap, _explained(trap, {}, "main")))) == [
        ("tools.message_not_callable", "tools.allow", "openclaw config unset tools.allow")
    ]
    mute = config({"allow": ["group:runtime"]})
    assert not list(speechless(mute, _explained(mute, {}, "main")))
