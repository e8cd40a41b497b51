"""Getting secrets on the control machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from operator_files import write_whole
from secret_sources import SecretSources, kept_name
from tests.unit.deploy.recipes import gateway
from tests.unit.fleet.fleets import instances_of

TOKEN = "OPENCLAW_GATEWAY_TOKEN"


def test_generated_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    """The second run gets the same values; the file is nobody else's to read."""
    kept = tmp_path / "secrets.env"
    instances = instances_of(a={"x": {}, "y": {}})
    sources = SecretSources(tmp_path, kept)
    first = sources.resolve(instances)
    assert not kept.exists()
    assert sources.keep(first) == first
    assert len(first["a/x", TOKEN]) == 64
    assert first["a/x", TOKEN] != first["a/y", TOKEN]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert SecretSources(tmp_path, kept).resolve(instances) == first


def test_a_new_gateway_keeps_the_others_secrets(tmp_path: Path) -> None:
    """What stands in the file is never made anew, and stays there."""
    kept = tmp_path / "secrets.env"
    found = []
    for gateway_name in ("x", "y"):
        sources = SecretSources(tmp_path, kept)
        found.append(sources.resolve(instances_of(a={gateway_name: {}})))
        sources.keep(found[-1])
    first, second = found
    third = SecretSources(tmp_path, kept).resolve(instances_of(a={"x": {}, "y": {}}))
    assert third == first | second


def test_two_first_runs_at_once_have_the_same_secrets(tmp_path: Path) -> None:
    """Neither found any; who writes first wins, and what only the other made stands beside it."""
    kept, instances = tmp_path / "secrets.env", instances_of(a={"x": {}, "y": {}})
    one, other = SecretSources(tmp_path, kept), SecretSources(tmp_path, kept)
    ours, theirs = one.resolve(instances[:1]), other.resolve(instances)
    assert ours["a/x", TOKEN] != theirs["a/x", TOKEN]
    first, second = one.keep(ours), other.keep(theirs)
    assert first == ours
    assert second == theirs | ours
    assert SecretSources(tmp_path, kept).resolve(instances) == second


def test_environment_and_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dotenv and JSON, relative to the fleet file."""
    monkeypatch.setenv("FROM_ENV", "one")
    write_whole(tmp_path / "keys.env", "K=two\n", 0o600)
    write_whole(tmp_path / "keys.json", '{"K": "three"}', 0o600)
    item = gateway(
        secrets={TOKEN: "env:FROM_ENV", "OPENAI_API_KEY": "file:keys.env#K", "OTHER_KEY": "file:keys.json#K"}
    )
    sources = SecretSources(tmp_path, tmp_path / "secrets.env")
    values = sources.resolve([item])
    assert [values[item.id, name] for name in (TOKEN, "OPENAI_API_KEY", "OTHER_KEY")] == ["one", "two", "three"]
    assert sources.problems == []
    assert not (tmp_path / "secrets.env").exists()


def test_everything_that_is_missing_is_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gateway, variable and source; nothing is generated meanwhile."""
    monkeypatch.delenv("NOPE", raising=False)
    write_whole(tmp_path / "keys.env", "K=two\n", 0o600)
    item = gateway(secrets={"A_KEY": "env:NOPE", "B_KEY": "file:none.env#K", "C_KEY": "file:keys.env#L"})
    sources = SecretSources(tmp_path, tmp_path / "secrets.env")
    sources.resolve([item])
    text = " ".join(problem.message for problem in sources.problems)
    assert "edge/ops: A_KEY: env:NOPE has no value" in text
    assert "none.env does not exist" in text
    assert "edge/ops: C_KEY: file:keys.env#L has no value" in text
    assert not (tmp_path / "secrets.env").exists()


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A secret that lies open is a problem even if its value is right."""
    kept = tmp_path / "secrets.env"
    item = gateway()
    kept.write_text(f"{kept_name(item, TOKEN)}=abc\n")
    kept.chmod(0o644)
    sources = SecretSources(tmp_path, kept)
    assert sources.resolve([item]) == {(item.id, TOKEN): "abc"}
    assert "can be read by others (mode 0644)" in sources.problems[0].message


def test_fingerprints_are_equal_for_equal_values_and_new_in_every_run(tmp_path: Path) -> None:
    """They compare within a run and tell nothing afterwards."""
    values = {("a/x", "T"): "same", ("b/x", "T"): "same", ("c/x", "T"): "other"}
    one, two = (SecretSources(tmp_path, tmp_path / "k").fingerprints(values) for _ in range(2))
    assert one["a/x", "T"] == one["b/x", "T"] != one["c/x", "T"]
    assert one["a/x", "T"] != two["a/x", "T"]
