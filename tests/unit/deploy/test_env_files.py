"""What becomes of variables in a `.env` that the fleet does not know."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from facts.gateways import EnvFile, EnvState
from facts.placed import FileState
from operations.env_files import env_file
from shell import HiddenText
from tests.unit.deploy.recipes import Ran, gateway, run

CONTENT = HiddenText("A_KEY=s3cret\n")
OURS = hashlib.sha256(CONTENT.text.encode()).hexdigest()


def placed(found: EnvState | None, **fields: Any) -> Ran:
    item = gateway(**fields)
    file = FileState(found.mode, item.os_user, found.whole) if found else None
    return run(env_file, {"EnvFile": found, "PlacedFile": file}, item, CONTENT)


def test_a_file_that_holds_the_fleets_and_nothing_else_is_not_looked_into() -> None:
    """What a look at many gateways does not ask for, it need not wait for."""
    file = FileState("600", "openclaw", OURS)
    for mode in ("drop", "keep", "fail"):
        assert run(env_file, {"PlacedFile": file}, gateway(envUnknown=mode), CONTENT).commands == []


def test_what_others_put_there_is_no_difference_where_it_is_kept() -> None:
    """The fleet's own lines are as they should be."""
    assert placed(EnvState("600", "else", OURS, ("OTHER",)), envUnknown="keep").commands == []


@pytest.mark.parametrize("found", [None, EnvState("644", OURS, OURS, ()), EnvState("600", "x", "x", ())])
def test_a_file_that_differs_is_replaced_after_the_stamp_is_gone(found: EnvState | None) -> None:
    """The secret travels on standard input."""
    ran = placed(found)
    assert "kept.py keep" in ran.commands[0] and ran.inputs == [CONTENT.text]
    assert not any("s3cret" in command for command in ran.commands)


@pytest.mark.parametrize(("mode", "outcome"), [("keep", "kept"), ("drop", "dropped")])
def test_variables_of_others_are_told_by_name(mode: str, outcome: str) -> None:
    """A key that goes is not lost silently."""
    ran = placed(EnvState("600", "x", "x", ("OTHER",)), envUnknown=mode)
    assert f'"outcome": "{outcome}", "variables": ["OTHER"]' in ran.commands[-1]
    assert ("own_env.py write" in ran.commands[1]) is (mode == "keep")
    assert ran.inputs == [CONTENT.text]


def test_variables_of_others_may_be_an_error() -> None:
    """Nothing is written then."""
    ran = placed(EnvState("600", "x", OURS, ("OTHER",)), envUnknown="fail")
    assert len(ran.commands) == 1 and "holds OTHER, which the fleet file does not know" in ran.commands[0]


def test_the_fact_reads_what_the_script_prints() -> None:
    """Nothing at all before the first deploy."""
    line = json.dumps({"mode": "600", "whole": "a", "known": "b", "unknown": ["X"]})
    assert EnvFile().process([line]) == EnvState("600", "a", "b", ("X",))
    assert EnvFile().process([]) is None
