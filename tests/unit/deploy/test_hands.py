"""The door to the recipes."""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace

import pytest

import hands
from control.order import Order


@pytest.mark.parametrize(("verb", "code"), [("status", 0), ("plan", 0), ("deploy", 141), ("drift", 141)])
def test_a_reader_who_has_seen_enough_ends_a_look_well_and_a_change_broken_off(
    monkeypatch: pytest.MonkeyPatch, verb: str, code: int
) -> None:
    """`openclaw fleet deploy | head` must not look like a deploy that was done."""

    def run(_: Order) -> int:
        raise BrokenPipeError

    plain = SimpleNamespace(open=os.open, dup2=lambda *_: None, devnull=os.devnull, O_WRONLY=os.O_WRONLY)
    monkeypatch.setattr(hands, "os", plain)
    monkeypatch.setattr(hands, "learn_systems", lambda _: None)
    monkeypatch.setitem(sys.modules, hands.VERBS[verb], SimpleNamespace(run=run))
    assert hands.main([json.dumps({"verb": verb})]) == code


def test_a_place_of_this_machine_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--pull` and `--out` may name one; a failure that names no file is a defect and shows itself as one."""
    monkeypatch.setattr(hands, "learn_systems", lambda _: None)

    def run_verb(error: OSError) -> int:
        def run(_: Order) -> int:
            raise error

        monkeypatch.setitem(sys.modules, hands.VERBS["backup"], SimpleNamespace(run=run))
        return hands.main([json.dumps({"verb": "backup", "json": True})])

    assert run_verb(PermissionError(13, "Permission denied", "/srv/archives")) == 1
    said = capsys.readouterr()
    assert said.err == "✗ /srv/archives: Permission denied\n  look at it: ls -ld /srv/archives\n"
    assert json.loads(said.out)["error"]["code"] == "HOST_ERROR"
    with pytest.raises(OSError, match="out of files"):
        run_verb(OSError("out of files"))
