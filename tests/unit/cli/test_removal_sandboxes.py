"""Containers of a sandbox go with the instance; Docker is not asked where no sandbox ever was."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import pytest

from clawfleet.cli import removal_sandboxes
from clawfleet.cli.removal_sandboxes import remove_containers
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.models.root import Config
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.spec import instance_tag


class FakeDocker:
    """Two containers of one gateway."""

    tags: ClassVar[list[str]] = []
    removed: ClassVar[list[str]] = []

    def __init__(self, _: Any) -> None:
        pass

    async def of_instance(self, tag: str) -> list[str]:
        self.tags.append(tag)
        return ["a", "b"]

    async def remove(self, found: str) -> None:
        self.removed.append(found)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    instance.store_dir.mkdir(parents=True)
    (instance.store_dir / "instance-id").write_text("one\n")
    return instance


@pytest.fixture(autouse=True)
def _docker(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeDocker.tags, FakeDocker.removed = [], []
    monkeypatch.setattr(removal_sandboxes, "Docker", FakeDocker)


def test_nobody_is_asked_where_no_sandbox_was(instance: Instance) -> None:
    assert remove_containers(instance, Config()) == ""
    assert FakeDocker.tags == []


def test_those_of_this_instance_go(instance: Instance) -> None:
    (instance.state_dir / "sandboxes").mkdir()
    assert remove_containers(instance, None, dry_run=True) == "Would remove 2 sandbox containers"
    assert FakeDocker.removed == []
    assert remove_containers(instance, None) == "Removed 2 sandbox containers"
    assert FakeDocker.removed == ["a", "b"]
    assert set(FakeDocker.tags) == {instance_tag("one", PurePosixPath(instance.state_dir))}


def test_a_docker_that_does_not_answer_is_said_with_the_label(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> list[str]:
        raise SandboxUnavailable("no daemon")

    monkeypatch.setattr(FakeDocker, "of_instance", gone)
    config = Config.model_validate({"agents": {"defaults": {"sandbox": {"mode": "all"}}}})
    said = remove_containers(instance, config)
    assert "no daemon" in said
    assert "openclaw.instance=" in said


def test_an_instance_that_never_ran_has_none(instance: Instance) -> None:
    (instance.store_dir / "instance-id").unlink()
    assert remove_containers(instance, None) == ""
