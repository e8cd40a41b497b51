"""This instance's containers, through Docker."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from clawfleet.cli import sandbox_containers
from clawfleet.cli.context import CliContext
from clawfleet.cli.sandbox_containers import containers_of, images_now, remove_containers, scope_of, tag_of
from clawfleet.sandbox.failures import PackageMissing, SandboxUnavailable
from clawfleet.sandbox.reuse import Found
from tests.unit.cli.conftest import Home

ONE = Found("1", "openclaw-sbx-1", True, 1, {"openclaw.sessionKey": "agent:main"})


class FakeDocker:
    """Docker with one container."""

    left: ClassVar[list[Found]] = [ONE]
    closed = 0
    hangs = False

    def __init__(self, _: Any) -> None: ...

    async def of_instance(self, tag: str) -> list[Found]:
        if self.hangs:
            await asyncio.Event().wait()
        return list(self.left)

    async def image_id(self, image: str) -> str | None:
        return {"here": "sha256:1"}.get(image)

    async def remove(self, found: Found) -> None:
        if found.id == "stuck":
            raise SandboxUnavailable("it does not end")
        FakeDocker.left = [each for each in self.left if each != found]

    async def close(self) -> None:
        FakeDocker.closed += 1


@pytest.fixture(autouse=True)
def docker(monkeypatch: pytest.MonkeyPatch) -> type[FakeDocker]:
    FakeDocker.left, FakeDocker.closed, FakeDocker.hangs = [ONE], 0, False
    monkeypatch.setattr(sandbox_containers, "Docker", FakeDocker)
    return FakeDocker


def test_where_no_gateway_ran_nobody_is_asked(home: Home, docker: type[FakeDocker]) -> None:
    instance = CliContext(environ=home.environ, cwd=home.root).instance
    assert (tag_of(instance), containers_of(instance), docker.closed) == (None, [], 0)


def test_without_the_package_for_docker_there_are_none(home: Home, docker: type[FakeDocker], monkeypatch: Any) -> None:
    """Nobody could have made one."""
    home.store_dir.mkdir()
    (home.store_dir / "instance-id").write_text("abc", encoding="utf-8")

    async def missing(self: FakeDocker, tag: str) -> list[Found]:
        raise PackageMissing

    monkeypatch.setattr(docker, "of_instance", missing)
    instance = CliContext(environ=home.environ, cwd=home.root).instance
    assert tag_of(instance) is not None
    assert (containers_of(instance), docker.closed) == ([], 1)


def test_containers_are_found_and_removed(home: Home, docker: type[FakeDocker], monkeypatch: Any) -> None:
    home.store_dir.mkdir()
    (home.store_dir / "instance-id").write_text("an-id\n")
    instance = CliContext(environ=home.environ, cwd=home.root).instance
    assert [scope_of(each) for each in containers_of(instance)] == ["agent:main"]
    stuck = replace(ONE, id="stuck")
    assert remove_containers(instance, [stuck, ONE]) == [(stuck, "it does not end")]
    assert (containers_of(instance), docker.closed) == ([], 3)
    assert images_now(instance, ["here", "gone", "here"]) == {"here": "sha256:1", "gone": None}
    docker.hangs = True
    monkeypatch.setattr(sandbox_containers, "PATIENCE_S", 0.01)
    with pytest.raises(SandboxUnavailable, match="did not answer"):
        containers_of(instance)
