"""A gateway in a container mounts what Docker's host has, not what it sees itself."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from clawfleet.sandbox import outside
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.outside import HOST_ROOT, Outside, is_beside, look_outside, own_id
from clawfleet.sandbox.spec import Mount
from tests.unit.sandbox.fake_docker import FakeDocker

ID = "0123456789abcdef" * 4
LINE = f"701 690 8:1 /var/lib/docker/containers/{ID}/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw\n"


class Api:
    """Docker, of which only one container is known."""

    asked: list[str]

    def __init__(self) -> None:
        self.asked = []

    def inspect_container(self, name: str) -> dict[str, Any]:
        from docker.errors import NotFound

        self.asked.append(name)
        if name != ID:
            raise NotFound("none")
        volume = {"Type": "volume", "Destination": "/cache", "Source": "/var/lib/docker/volumes/x"}
        return {"Mounts": [{"Type": "bind", "Destination": "/home/node", "Source": "/srv/claw"}, volume]}


@pytest.fixture
def api() -> Any:
    return Api()


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mark").write_text("")
    (tmp_path / "mountinfo").write_text(LINE)
    monkeypatch.setattr(outside, "MARK", tmp_path / "mark")
    monkeypatch.setattr(outside, "MOUNTINFO", tmp_path / "mountinfo")
    monkeypatch.setattr(outside, "is_beside", lambda address: False)
    return tmp_path


def test_on_a_host_nothing_is_asked_or_changed(api: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MARK", tmp_path / "none")
    mounts = [Mount("/a", "/b", True)]
    assert (look_outside(api, {}).of(mounts), api.asked) == (mounts, [])


@pytest.mark.usefixtures("inside")
def test_what_is_mounted_into_the_gateway_is_found_where_it_came_from(api: Any) -> None:
    found = look_outside(api, {})
    mounts = [Mount("/home/node/.openclaw/workspace", "/workspace", True), Mount("/home/node", "/x", False)]
    assert [mount.source for mount in found.of(mounts)] == ["/srv/claw/.openclaw/workspace", "/srv/claw"]
    for path in ("/cache/x", "/tmp/x"):
        with pytest.raises(SandboxUnavailable, match="Cannot resolve sandbox bind sources from this Gateway container"):
            found.of([Mount(path, "/x", True)])


def test_another_dockers_container_closes_the_sandbox(api: Any, inside: Path) -> None:
    """A daemon that does not know this container has none of its files."""
    (inside / "mountinfo").write_text(LINE.replace("0123", "ffff"))
    with pytest.raises(SandboxUnavailable):
        look_outside(api, {}).of([Mount("/home/node", "/x", True)])
    (inside / "mountinfo").write_text("")
    assert look_outside(api, {}) == Outside(True)


def test_a_daemon_beside_the_gateway_has_the_same_files(
    api: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_docker: FakeDocker
) -> None:
    """Docker in the same container: nothing has to be found out."""
    (tmp_path / "mark").write_text("")
    monkeypatch.setattr(outside, "MARK", tmp_path / "mark")
    assert look_outside(api, {"DOCKER_HOST": fake_docker.url}) == Outside()
    assert not is_beside(f"unix://{tmp_path}/none.sock")
    assert not is_beside("tcp://127.0.0.1:2375")


def test_a_mapping_may_be_given(api: Any) -> None:
    found = look_outside(api, {HOST_ROOT: "/data=/srv/data"})
    assert found == Outside(True, ((PurePosixPath("/data"), PurePosixPath("/srv/data")),))
    assert [mount.source for mount in found.of([Mount("/data/a", "/x", True)])] == ["/srv/data/a"]


def test_the_own_id_is_read_from_the_mounts() -> None:
    assert own_id(LINE) == ID
    assert own_id("22 1 8:1 / / rw - ext4 /dev/sda1 rw") is None
