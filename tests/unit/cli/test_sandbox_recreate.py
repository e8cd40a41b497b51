"""`openclaw sandbox recreate`."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli import sandbox_recreate
from clawfleet.sandbox.reuse import Found
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    scopes = ("agent:main", "agent:coding:notes", "shared")
    found = [Found(scope, f"box-{scope[-4:]}", True, 1, {"openclaw.sessionKey": scope}) for scope in scopes]
    gone: list[str] = []
    monkeypatch.setattr(sandbox_recreate, "containers_of", lambda _: found)

    def remove(_: object, rows: list[Found]) -> list[tuple[Found, str]]:
        gone.extend(row.id for row in rows)
        return [(row, "busy") for row in rows if row.id == "shared"]

    monkeypatch.setattr(sandbox_recreate, "remove_containers", remove)
    return gone


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--all"], ["agent:main", "agent:coding:notes", "shared"]),
        (["--agent", "coding"], ["agent:coding:notes"]),
        (["--session", "agent:main"], ["agent:main"]),
        (["--session", "agent:main:telegram:group:1"], ["agent:main"]),
        (["--session", "agent:coding:notes"], ["agent:coding:notes"]),
        (["--all", "--browser"], []),
        (["--agent", "nobody"], []),
    ],
)
def test_those_that_are_meant_go(openclaw: OpenClaw, removed: list[str], flags: list[str], expected: list[str]) -> None:
    result = openclaw("sandbox", "recreate", *flags, "--force", "--json")
    document = json.loads(result.stdout)
    assert (len(document["removed"]) + len(document["failed"]), removed) == (len(expected), expected)
    assert (document["ok"], result.exit_code) == (("shared" not in expected), int("shared" in expected))


def test_nothing_goes_without_a_word(openclaw: OpenClaw, removed: list[str]) -> None:
    result = openclaw("sandbox", "recreate", "--all")
    assert (result.exit_code, removed) == (1, [])
    assert "without --force" in result.stderr
    assert openclaw("sandbox", "recreate").exit_code == 2
    done = openclaw("sandbox", "recreate", "--all", "--force")
    assert "✓ Removed box-main" in done.stdout
    assert "✗ box-ared: busy" in done.stdout
    assert "Done: 2 removed, 1 failed." in done.stdout
    assert done.exit_code == 1


def test_a_broken_config_does_not_keep_them_from_going(home: Home, openclaw: OpenClaw, removed: list[str]) -> None:
    home.write_config("{ nonsense")
    assert openclaw("sandbox", "recreate", "--session", "agent:main", "--force").exit_code == 0
    assert removed == ["agent:main"]
