"""Which tools a config leaves, which key took each of the others, and that the command given brings it back."""

from __future__ import annotations

import json
import shlex
from copy import deepcopy
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.config.path import parse_path
from clawfleet.tools.explain import Explanation, explain
from clawfleet.tools.layers import is_in_sandbox, layers_for
from clawfleet.tools.subject import Subject
from tests.contract.tool_policy_cases import CASES, PRESENT, Case


def explained(case: Case, config: dict[str, Any]) -> Explanation:
    read = Config.model_validate(config)
    subject = Subject("coder", case.session, case.occasion)
    return explain(PRESENT, layers_for(read, subject), subject, is_sandboxed=is_in_sandbox(read, subject))


def after(config: dict[str, Any], commands: str) -> dict[str, Any]:
    """The config once `openclaw config set|unset` commands were given."""
    changed = deepcopy(config)
    for command in commands.split(" && "):
        program, family, verb, path, *value = shlex.split(command)
        assert (program, family) == ("openclaw", "config")
        *place, last = map(str, parse_path(path))
        section = changed
        for key in place:
            section = section.setdefault(key, {})
        if verb == "unset":
            del section[last]
        else:
            section[last] = json.loads(value[0]) if value[0].startswith("[") else value[0]
    return changed


def test_there_are_many() -> None:
    assert len(CASES) >= 80
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_left(case: Case) -> None:
    """The set of tools, and for each of the others a layer, a key and a rule."""
    found = explained(case, case.config)
    assert found.allowed == tuple(sorted(case.expected))
    removed = {told.decision.name: told.decision for told in found.tools if not told.decision.allowed}
    assert all(each.layer and each.key and each.rule for each in removed.values())
    assert {name: removed[name].key for name in case.by} == dict(case.by)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_layers_add_up(case: Case) -> None:
    """What came to a layer is what the one before left, and the last leaves what is allowed."""
    found = explained(case, case.config)
    counts = [(step.before, step.after) for step in found.steps]
    assert counts[0][0] == len(PRESENT)
    assert [after_ for _, after_ in counts[:-1]] == [before for before, _ in counts[1:]]
    assert counts[-1][1] == len(found.allowed)
    keys = {step.layer.name: step for step in found.steps if step.removed}
    assert set(keys) == {told.decision.layer for told in found.tools if not told.decision.allowed}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_command_brings_the_tool_back(case: Case) -> None:
    """Where a command is given it works, and it is missing only where no config could help."""
    found = explained(case, case.config)
    for told in found.tools:
        if told.fix is not None:
            mended = explained(case, after(case.config, told.fix))
            assert told.decision.name in mended.allowed, told.fix
        elif not told.decision.allowed:
            assert "subagent" in case.session or case.occasion.depth or case.occasion.caps is not None
