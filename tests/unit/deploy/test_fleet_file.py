"""The operator's fleet as a run reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import fleet_file
from clawfleet.fleet.problems import FleetInvalidError
from fleet_file import CheckedFleet, load_fleet
from wheelhouse import write_wheelhouse


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A wheelhouse of release 1.2.3."""
    directory = tmp_path / "wheels"
    directory.mkdir()
    (directory / "clawfleet-1.2.3-py3-none-any.whl").write_bytes(b"wheel")
    write_wheelhouse(directory)
    return directory


def load(tmp_path: Path, wheels: Path, gateways: dict[str, Any], **top: Any) -> CheckedFleet:
    path = tmp_path / "fleet.json5"
    hosts = {"a": {"connect": {"hostname": "10.0.0.1"}, "gateways": gateways}}
    path.write_text(json.dumps({"version": 1, "hosts": hosts, **top}))
    return load_fleet(path, wheels)


def test_a_good_fleet_has_instances_secrets_and_a_release(tmp_path: Path, wheels: Path) -> None:
    """Everything that the recipes need, and no value in its representation."""
    checked = load(tmp_path, wheels, {"x": {}, "y": {}})
    x, y = checked.on("a")
    token = checked.env_text(x).strip().partition("=")[2]
    assert checked.env_text(x) == f"OPENCLAW_GATEWAY_TOKEN={token}\n" != checked.env_text(y)
    assert checked.wheelhouse_of(x).version == "1.2.3"
    assert checked.names() == ["x", "y"]
    assert checked.on("b") == []
    assert token not in repr(checked)


def test_allocated_ports_are_remembered_beside_the_file(tmp_path: Path, wheels: Path) -> None:
    """Taking the first gateway out does not move the second."""
    assert [item.port for item in load(tmp_path, wheels, {"x": {}, "y": {}}).instances] == [18789, 18909]
    assert [item.port for item in load(tmp_path, wheels, {"y": {}, "z": {}}).instances] == [18909, 19029]
    assert '"a/x": 18789' in (tmp_path / "fleet.lock.json5").read_text()


def test_all_kinds_of_problems_come_together_and_nothing_is_written(tmp_path: Path, wheels: Path) -> None:
    """A collision, a missing secret and a wrong release in one report."""
    gateways = {"x": {"port": 20000, "secrets": {"A_KEY": "env:SURELY_NOT_SET"}}, "y": {"port": 20000}, "z": {}}
    with pytest.raises(FleetInvalidError) as caught:
        load(tmp_path, wheels, gateways, release="9.9.9")
    report = caught.value.report()
    assert "port 20000 is used by both a/x and a/y" in report
    assert "env:SURELY_NOT_SET has no value" in report
    assert f"a/x, a/y, a/z: no wheelhouse in {wheels} holds release 9.9.9: 1.2.3-" in report
    assert not (tmp_path / "fleet.lock.json5").exists()
    assert not (tmp_path / "secrets.env").exists()


def test_equal_secrets_from_different_sources_are_found(
    tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The values are compared, not only how they are written; they are not shown."""
    monkeypatch.setenv("ONE", "same-value-here")
    monkeypatch.setenv("TWO", "same-value-here")
    gateways = {name: {"secrets": {"OPENCLAW_GATEWAY_TOKEN": f"env:{name.upper()}"}} for name in ("one", "two")}
    with pytest.raises(FleetInvalidError) as caught:
        load(tmp_path, wheels, gateways)
    assert "a/one and a/two have the same gateway token (fingerprint " in caught.value.report()
    assert "same-value-here" not in caught.value.report()


def test_a_value_that_no_env_file_can_hold_is_named(
    tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before contact, without the value."""
    monkeypatch.setenv("ONE", "two\nlines")
    with pytest.raises(FleetInvalidError) as caught:
        load(tmp_path, wheels, {"x": {"secrets": {"A_KEY": "env:ONE"}}})
    assert "a/x: A_KEY holds a line break" in caught.value.report()


def test_no_fleet_file_says_where_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing a newcomer meets."""
    monkeypatch.setenv("CLAWFLEET_FLEET", str(tmp_path / "none.json5"))
    fleet_file.checked_fleet.cache_clear()
    with pytest.raises(FleetInvalidError) as caught:
        fleet_file.checked_fleet()
    assert "fleet.example.json5" in caught.value.report()


def test_the_example_is_a_good_fleet(tmp_path: Path, wheels: Path) -> None:
    """Two hosts with two gateways each, one host per kind of service."""
    path = tmp_path / "fleet.example.json5"
    path.write_text((fleet_file.HERE / "fleet.example.json5").read_text())
    checked = load_fleet(path, wheels)
    assert [item.id for item in checked.instances] == ["edge-1/default", "edge-1/ops", "edge-2/default", "edge-2/ops"]
    assert {item.service for item in checked.instances} == {"user", "system"}
    assert checked.warnings == ()


def test_a_fleet_may_be_several_files(tmp_path: Path) -> None:
    """A directory beside the file counts with it, or alone; ports are remembered at the same place."""
    host = {"connect": {"hostname": "10.0.0.1"}, "gateways": {"x": {}}}
    (tmp_path / "fleet.d").mkdir()
    for name in ("b", "c"):
        tree = {"version": 1, "hosts": {name: {**host, "connect": {"hostname": name}}}}
        (tmp_path / "fleet.d" / f"{name}.json5").write_text(json.dumps(tree))
    (tmp_path / "fleet.lock.json5").write_text('{ ports: { "b/x": 19029 } }')
    whole = tmp_path / "fleet.json5"
    assert [item.id for item in fleet_file.read_fleet(tmp_path / "fleet.d")[1]] == ["b/x", "c/x"]
    assert [item.id for item in fleet_file.read_fleet(whole)[1]] == ["b/x", "c/x"]
    whole.write_text(json.dumps({"version": 1, "hosts": {"a": host}}))
    assert [item.id for item in fleet_file.read_fleet(whole)[1]] == ["a/x", "b/x", "c/x"]
    assert [item.port for item in fleet_file.read_fleet(tmp_path / "fleet.d")[1]] == [19029, 18789]
