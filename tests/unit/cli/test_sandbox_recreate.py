"""`openclaw sandbox recreate`."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli import sandbox_recreate
from clawfleet.sandbox.reuse import Found
from tests.unit.cli.conftest import OpenClaw


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    scopes = ("agent:main", "agent:coding:notes", "shared")
    found = [Found(scope, f"box-{scope[-4:]}", True, 1, {"openclaw.sessionKey": scope}) for scope in scopes]
    gone: list[str] = []
    monkeypatch.setattr(sandbox_recreate, "containers_of", lambda _: found)
    monkeypatch.setattr(sandbox_recreate, "remove_containers", lambda _, rows: gone.extend(row.id for row in rows))
    return gone


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--all"], ["agent:main", "agent:coding:notes", "shared"]),
        (["--agent", "coding"], ["agent:coding:notes"]),
        (["--session", "agent:main"], ["agent:main"]),
        (["--agent", "nobody"], []),
    ],
)
def test_those_that_are_meant_go(openclaw: OpenClaw, removed: list[str], flags: list[str], expected: list[str]) -> None:
    result = openclaw("sandbox", "recreate", *flags, "--force", "--json")
    assert (len(json.loads(result.stdout)["removed"]), removed) == (len(expected), expected)


def test_nothing_goes_without_a_word(openclaw: OpenClaw, removed: list[str]) -> None:
    result = openclaw("sandbox", "recreate", "--all")
    assert (result.exit_code, removed) == (1, [])
    assert "without --force" in result.stderr
    assert openclaw("sandbox", "recreate").exit_code == 2
    done = openclaw("sandbox", "recreate", "--all", "--force")
    assert "3 removed; they are made anew when next used." in done.stdout
