"""Reads the config that the fleet will write with the gateway's own eyes, before any host is contacted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from clawfleet.config.env import Instance
from clawfleet.config.load import check_text
from clawfleet.config.read import ConfigInvalid, Issue
from clawfleet.fleet.instance import UNNAMED_PROFILE, GatewayInstance
from clawfleet.fleet.overlay import deep_merge
from clawfleet.fleet.problems import Problem

Level = Literal["error", "warning"]
Found = tuple[Issue, Level]

STAND_IN = "x" * 32
"""Takes the place of every secret: what is wrong with a config must not depend on one, nor show it."""


def find_config_problems(instances: Sequence[GatewayInstance]) -> list[Problem]:
    """What the gateways would refuse, or warn about, in the keys that the fleet owns."""
    seen: dict[str, list[Found]] = {}
    problems = []
    for item in instances:
        alike = _alike(item)
        if alike not in seen:
            seen[alike] = list(_found(item))
        problems += [_problem(item, issue, level) for issue, level in seen[alike]]
    return problems


def _alike(item: GatewayInstance) -> str:
    """The same text for gateways whose configs differ in nothing but their own port and workspace."""
    config = deep_merge(item.config, {"gateway": {"port": 1024}, "agents": {"defaults": {"workspace": "/w"}}})
    return json.dumps([config, dict(item.env), sorted(item.secrets)], sort_keys=True)


def _found(item: GatewayInstance) -> Iterator[Found]:
    try:
        found = check_text(_as_the_gateway_sees_it(item), json.dumps(item.config))
    except ConfigInvalid as error:
        yield from ((issue, "error") for issue in error.issues)
    else:
        yield from ((issue, "warning") for issue in found.warnings)


def _problem(item: GatewayInstance, issue: Issue, level: Level) -> Problem:
    return Problem(
        "config", f"{item.id}: config: {issue.path}: {issue.message}", "change `config` in the fleet file", level
    )


def _as_the_gateway_sees_it(item: GatewayInstance) -> Instance:
    state_dir = Path(item.state_dir)
    return Instance(
        profile=None if item.profile == UNNAMED_PROFILE else item.profile,
        home=Path(item.home),
        state_dir=state_dir,
        config_path=Path(item.config_path),
        workspace=Path(item.workspace),
        log_file=state_dir / "logs" / "openclaw-YYYY-MM-DD.log",
        environ=dict(item.env) | dict.fromkeys(item.secrets, STAND_IN),
    )
