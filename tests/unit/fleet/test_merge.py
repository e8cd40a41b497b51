"""Several files that make one fleet."""

from __future__ import annotations

import pytest

from clawfleet.fleet.merge import merged
from clawfleet.fleet.parse import parse_files
from clawfleet.fleet.problems import FleetInvalidError

ONE = "{ version: 1, defaults: { memoryMax: '2G' }, hosts: { a: { connect: { hostname: 'a' }, gateways: { x: {} } } } }"
TWO = "{ version: 1, groups: { eu: {} }, hosts: { b: { connect: { hostname: 'b' }, gateways: { x: {} } } } }"


def test_hosts_and_groups_of_all_files_make_one_fleet() -> None:
    """In the order of the files; what one file says as defaults holds for all."""
    fleet = parse_files({"fleet.json5": ONE, "fleet.d/b.json5": TWO})
    assert (list(fleet.hosts), list(fleet.groups), fleet.defaults.memory_max) == (["a", "b"], ["eu"], "2G")


@pytest.mark.parametrize(
    ("second", "what"),
    [
        (TWO.replace("b:", "a:"), "hosts.a"),
        (TWO.replace("groups", "defaults").replace("eu", "config"), "defaults"),
        (TWO.replace("1", "2"), "version"),
    ],
)
def test_what_two_files_say_is_an_error_that_names_both(second: str, what: str) -> None:
    """Nobody's host is silently another's."""
    with pytest.raises(FleetInvalidError) as caught:
        parse_files({"fleet.json5": ONE, "fleet.d/b.json5": second})
    assert f"{what}: written in both fleet.json5 and fleet.d/b.json5" in caught.value.report()


def test_a_wrong_key_is_told_with_its_file() -> None:
    """Nobody searches forty files for a typo."""
    with pytest.raises(FleetInvalidError) as caught:
        parse_files({"fleet.json5": ONE, "b.json5": TWO.replace("gateways", "gatways")})
    report = caught.value.report()
    assert "b.json5: hosts.b.gatways: unknown key" in report
    assert "b.json5: hosts.b.gateways: missing" in report


def test_an_entry_remembers_its_file() -> None:
    """Also below the entry itself; what is in all files belongs to none."""
    found = merged({"one": {"version": 1, "hosts": {"a": {"connect": {}}}}, "two": {"version": 1, "hosts": {"b": 1}}})
    assert found.origin(("hosts", "a", "connect", "port")) == "one"
    assert found.origin(("hosts", "b")) == "two"
    assert found.origin(("hosts",)) is None
