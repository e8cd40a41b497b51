"""The file that tells Prometheus where all gateways are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from control.order import Order
from control.scrape import NoSuchHostError, run

HOSTS = {"a": {"connect": {"hostname": "10.0.0.1"}, "gateways": {"x": {}}}}


def order(folder: Path, **options: object) -> Order:
    path = folder / "fleet.json5"
    path.write_text(json.dumps({"version": 1, "hosts": HOSTS}), encoding="utf-8")
    return Order("scrape", path, (), False, options)


def test_it_is_written_with_the_tokens_for_their_owner_alone(tmp_path: Path) -> None:
    """The token is the one that the gateway will ask for: it is kept as a deploy keeps it."""
    out = tmp_path / "out"
    assert run(order(tmp_path, **{"from": "a", "out": str(out)})) == 0
    config = json.loads((out / "clawfleet.yml").read_text(encoding="utf-8"))
    (job,) = config["scrape_configs"]
    token = out / job["authorization"]["credentials_file"]
    assert token.stat().st_mode & 0o777 == 0o600
    assert token.read_text(encoding="utf-8") in (tmp_path / "secrets.env").read_text(encoding="utf-8")
    assert token.read_text(encoding="utf-8") not in (out / "clawfleet.yml").read_text(encoding="utf-8")


def test_what_cannot_be_reached_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(order(tmp_path)) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == {"scrape_configs": []}
    assert "a/x: nothing leads there" in said.err


def test_a_host_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoSuchHostError, match="no such host"):
        run(order(tmp_path, **{"from": "c"}))
