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
