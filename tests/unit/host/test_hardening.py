"""What a unit keeps its gateway from, level by level."""

from __future__ import annotations

from typing import Literal

import pytest

from clawfleet.host.definitions import read_unit
from clawfleet.host.hardening import LEVELS, Hardening, hardening_lines, hardening_of


def lines(level: Hardening, scope: Literal["user", "system"]) -> list[str]:
    return hardening_lines(level, scope, ["-/srv/a", '"-/srv/b c"'])


def test_none_is_nothing() -> None:
    assert lines("none", "user") == lines("none", "system") == []


@pytest.mark.parametrize("scope", ["user", "system"])
def test_each_level_holds_what_the_one_before_holds(scope: Literal["user", "system"]) -> None:
    basic, strict = lines("basic", scope), lines("strict", scope)
    assert {line for line in basic if not line.startswith("ProtectSystem=")} < set(strict)
    assert len(strict) == len(set(strict))


def test_a_users_manager_is_asked_only_for_what_it_can_do() -> None:
    """It ignores or refuses namespaces of files and devices."""
    assert not any(
        line.startswith(("Protect", "Private", "Capability", "ReadWrite")) for line in lines("strict", "user")
    )


def test_a_strict_unit_of_the_system_writes_only_where_it_must() -> None:
    strict = lines("strict", "system")
    assert 'ReadWritePaths=-/srv/a "-/srv/b c"' in strict
    assert [line for line in strict if line.startswith("ProtectSystem=")] == ["ProtectSystem=strict"]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("scope", ["user", "system"])
def test_a_level_is_recognised_in_a_unit(level: Hardening, scope: Literal["user", "system"]) -> None:
    names = [line.partition("=")[0] for line in lines(level, scope)]
    assert hardening_of(names) == level
    assert read_unit("\n".join(["[Service]", *lines(level, scope)])).limits.hardening == level
