"""A gateway that somebody installed by hand becomes the fleet's."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path
from typing import Any

import pytest

import adoption
import audit
import kept
from facts.gateways import MadeByHand
from operations.adoption import adopted_gateway
from tests.unit.deploy.recipes import gateway, run

UNIT = """[Service]
Environment=HOME=/home/ada
Environment="UNIT_KEY=in unit" OPENCLAW_GATEWAY_TOKEN=t0ken
Environment=KNOWN=mine PERCENT=50%%
EnvironmentFile=-{file}
"""


class Running:
    """A unit that is active."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec

    def show(self) -> dict[str, str]:
        return {"ActiveState": "active"}


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A gateway with unit, `.env` and config that nobody of the fleet made."""
    monkeypatch.setattr(adoption, "Unit", Running)
    monkeypatch.setattr(audit, "LOG", tmp_path / "audit.log")
    (tmp_path / "state").mkdir()
    (tmp_path / "more.env").write_text("# of the unit\nexport FILE_KEY='from file'\n")
    texts = {"g.service": UNIT.format(file=tmp_path / "more.env"), "state/.env": "OTHER=1", "state/openclaw.json": "{}"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return {
        "id": "edge/ops",
        "user": "root",
        "scope": "system",
        "records": str(tmp_path / "records"),
        "claims": [str(tmp_path / name) for name in texts],
        "stateDir": str(tmp_path / "state"),
        "env": str(tmp_path / "state" / ".env"),
        "files": [[str(tmp_path / name), "root", "600"] for name in texts],
        "own": ["KNOWN"],
    }


def test_what_is_there_is_found_until_it_is_the_fleets(spec: dict[str, Any]) -> None:
    """The second deploy has nothing to take over."""
    assert adoption.look(spec) == [path for path, _, _ in spec["files"]]
    adoption.take(spec)
    assert adoption.look(spec) == []


def test_copies_are_kept_for_people_and_to_be_put_back(spec: dict[str, Any], tmp_path: Path) -> None:
    """Should it not come up as the fleet's, it runs as it did."""
    before = {path: Path(path).read_bytes() for path, _, _ in spec["files"]}
    adoption.take(spec)
    copies = tmp_path / "state" / "before-fleet"
    assert {path.name: path.read_bytes() for path in copies.iterdir()} == {Path(p).name: t for p, t in before.items()}
    assert copies.stat().st_mode & 0o777 == 0o700
    for path in before:
        Path(path).write_text("of the fleet")
    known = kept.put_back(tmp_path / "records" / "applied.json")
    assert (known["version"], known["enabled"]) == (None, True)
    assert {path: Path(path).read_bytes() for path in before} == before


def test_what_could_not_be_put_back_is_not_taken_over(
    spec: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty copy would take its place should the fleet's not come up."""
    read = kept.read_as
    monkeypatch.setattr(kept, "read_as", lambda owner, path: None if path.endswith(".json") else read(owner, path))
    with pytest.raises(SystemExit, match=r"edge/ops: .*/openclaw\.json cannot be read .*: chmod u\+r"):
        adoption.take(spec)
    assert not (tmp_path / "records").exists()


def test_variables_of_the_unit_come_into_the_env_file(spec: dict[str, Any]) -> None:
    """Those that neither the fleet nor the file has; names are told, values are not."""
    report = adoption.take(spec)
    assert report["imported"] == ["FILE_KEY", "PERCENT", "UNIT_KEY"]
    assert Path(spec["env"]).read_text().splitlines() == [
        *("OTHER=1", "UNIT_KEY='in unit'", "PERCENT='50%'", "FILE_KEY='from file'")
    ]
    assert "in unit" not in json.dumps(report) + audit.LOG.read_text()


def test_a_line_that_systemd_ignores_is_ignored(spec: dict[str, Any]) -> None:
    """An open quote; what stands beside it counts."""
    unit = b'[Service]\nEnvironment="OPEN=one\nEnvironment=WHOLE=two\n'
    assert list(adoption.environment(unit, spec)) == [("WHOLE", "two")]


def test_a_launchd_list_has_its_variables_in_two_places(spec: dict[str, Any]) -> None:
    """In itself, and in a file of the original's beside the state."""
    mine = {"EnvironmentVariables": {"HOME": "/Users/ada", "LIST_KEY": "in list"}, "Label": "ai.openclaw.ops"}
    Path(spec["files"][0][0]).write_bytes(plistlib.dumps(mine))
    beside = Path(spec["stateDir"]) / "service-env" / "ai.openclaw.ops.env"
    beside.parent.mkdir()
    beside.write_text("# Generated\nexport BESIDE_KEY='beside it'\n")
    assert adoption.take({**spec, "unit": "ai.openclaw.ops"})["imported"] == ["BESIDE_KEY", "LIST_KEY"]


def test_the_operation_acts_where_something_is_found() -> None:
    """What the script prints are paths."""
    item = gateway(adopt=True)
    assert item.env_unknown == "keep"
    assert run(adopted_gateway, {"MadeByHand": []}, item, ()).commands == []
    (command,) = run(adopted_gateway, {"MadeByHand": ["/x"]}, item, (("/x", "root", "600"),)).commands
    assert "adoption.py take" in command
    assert MadeByHand().process(["/x", ""]) == ["/x"]
