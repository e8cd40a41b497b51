"""Gateways on a host: their config against what the fleet owns of it, their unit, and how they answer."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra.api import FactBase

from shell import as_user, python, script


def both_lines(now: str, former: str) -> str:
    """Shell text that prints two records as two lines; the second may not exist yet."""
    return f"( cat {shlex.quote(now)}; cat {shlex.quote(former)} 2>/dev/null || echo '{{}}' )"


class ConfigState(FactBase[str]):
    """`equal`, `differs`, or why the config cannot be compared; `unknown` where nothing is installed yet.

    The comparison runs on the host, so that no config content travels. `config` is the file and how it is owned.
    """

    def command(self, owner: str, config: Sequence[str], records: tuple[str, str], pythons: Sequence[str]) -> str:
        # A run that only looks has no new release yet; the one in use compares as well.
        python = f"p=$(ls {shlex.join(pythons)} 2>/dev/null | head -n 1)"
        own_config = script("own_config")
        check = as_user(owner, f'exec "$0" {shlex.join([own_config, "check", *config])}', '"$p"')
        ready = " && ".join(f"[ -e {shlex.quote(path)} ]" for path in (own_config, records[0]))
        return f'{python}; if [ -n "$p" ] && {ready}; then {both_lines(*records)} | ( {check} ) 2>&1 || true; fi'

    @staticmethod
    def default() -> str:
        return "unknown"

    def process(self, output: list[str]) -> str:
        return "\n".join(output)


@dataclass(frozen=True, slots=True)
class EnvState:
    """A gateway's `.env`: its mode, hashes of all and of the fleet's own lines, and names that the fleet has not."""

    mode: str
    whole: str
    known: str
    unknown: tuple[str, ...]


class EnvFile(FactBase[EnvState | None]):
    """The `.env` as its user sees it; None where there is none, or nothing was deployed yet. No value travels."""

    def command(self, owner: str, env: str, names: Sequence[str]) -> str:
        text = script("own_env")
        check = as_user(owner, f"exec {python()} {shlex.join([text, 'check', env, *names])}")
        return f"if [ -e {shlex.quote(text)} ]; then ( {check} ) || true; fi"

    def process(self, output: list[str]) -> EnvState | None:
        if not output:
            return None
        state: dict[str, Any] = json.loads(output[-1])
        return EnvState(**state | {"unknown": tuple(state["unknown"])})


@dataclass(frozen=True, slots=True)
class UnitState:
    """A gateway's unit. `applied` is the stamp's hash, of a gateway that was stopped for good when it is `parked`.

    `failing` is what `/readyz` names, None when it does not answer.
    """

    active: bool
    enabled: bool
    stale: bool
    healthy: bool
    applied: str | None
    failing: tuple[str, ...] | None
    parked: bool = False


class GatewayUnit(FactBase[UnitState | None]):
    """The state of one gateway's unit; None where the recipes were not applied yet."""

    def command(self, spec: str) -> str:
        text = shlex.quote(script("gateway_unit"))
        return f"if [ -e {text} ]; then {python()} {text} status {shlex.quote(spec)}; fi"

    def process(self, output: list[str]) -> UnitState | None:
        state: dict[str, Any] = json.loads("\n".join(output))
        failing = state.pop("failing")
        return UnitState(**state, failing=None if failing is None else tuple(failing))


class Obstacles(FactBase[list[str]]):
    """What is in the way of a gateway, as sentences for the operator; empty before the first deploy of the scripts."""

    def command(self, spec: str) -> str:
        text = shlex.quote(script("obstacles"))
        return f"if [ -e {text} ]; then {python()} {text} {shlex.quote(spec)}; fi"

    @staticmethod
    def default() -> list[str]:
        return []

    def process(self, output: list[str]) -> list[str]:
        return [line for line in output if line]


class MadeByHand(FactBase[list[str]]):
    """Files of a gateway that somebody installed at this one's place; none once it is the fleet's."""

    def command(self, spec: str) -> str:
        text = shlex.quote(script("adoption"))
        return f"if [ -e {text} ]; then {python()} {text} look {shlex.quote(spec)}; fi"

    @staticmethod
    def default() -> list[str]:
        return []

    def process(self, output: list[str]) -> list[str]:
        return [line for line in output if line]
