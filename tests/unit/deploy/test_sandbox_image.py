"""Which sandbox image a host shall have, where it comes from, and when it travels."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api import FunctionCommand
from pyinfra.context import ctx_host

import sandbox_image
import sandbox_images
from clawfleet.fleet.models.docker import SANDBOX_IMAGE, SandboxImage
from facts.docker import GroupState, SandboxImages
from operations.docker import docker_user, fresh_sandboxes, loaded_image, pruned_images, renewed_manager, running_docker
from sandbox_image import ImageMissingError, WantedImage, version_of, wanted_image
from tests.unit.deploy.recipes import AnsweringHost, Earlier, run

ROOT = Path(__file__).resolve().parents[3]
VERSION = f"{SANDBOX_IMAGE}-0123456789ab"
IMAGE = WantedImage(SANDBOX_IMAGE, VERSION, VERSION, ("sha256:new",), saved=Path("/tmp/image.tar.gz"))


def state(**ids: str) -> dict[str, Any]:
    """What a host tells: `name` and `version` to image ids."""
    names = {"name": SANDBOX_IMAGE, "version": VERSION}
    return {"SandboxImages": {"ids": {names[key]: f"sha256:{found}" for key, found in ids.items()}, "old": []}}


def saved(path: Path, tags: list[str]) -> Path:
    """What `docker save | gzip` writes, without layers."""
    rows = json.dumps([{"Config": "blobs/sha256/abc", "RepoTags": tags, "Layers": []}]).encode()
    with gzip.open(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(rows)
        tar.addfile(entry, io.BytesIO(rows))
    return path


def test_the_version_is_the_one_that_the_build_script_gives() -> None:
    """Otherwise a host would never have what was built here."""
    text = (ROOT / "sandbox-image" / "Dockerfile").read_text(encoding="utf-8")
    script = "(printf 'VERSION=%s\\n' 9.9; cat \"$1\") | sha256sum | cut -c1-12"
    told = subprocess.run(
        ["sh", "-c", script, "sh", ROOT / "sandbox-image" / "Dockerfile"], capture_output=True, text=True, check=True
    )
    assert version_of(text, "9.9") == f"{SANDBOX_IMAGE}-{told.stdout.strip()}"


def test_an_archive_tells_its_image_without_docker(tmp_path: Path) -> None:
    """By the id that an engine gives it, and by its tag of content."""
    saved(tmp_path / "i.tar.gz", [SANDBOX_IMAGE, VERSION])
    found = wanted_image(SandboxImage(archive="i.tar.gz"), tmp_path, tmp_path)
    assert (found.version, found.ids, found.archive) == (VERSION, ("sha256:abc",), tmp_path / "i.tar.gz")
    saved(tmp_path / "i.tar.gz", ["other:1"])
    with pytest.raises(ImageMissingError, match="does not hold openclaw-sandbox"):
        wanted_image(SandboxImage(archive="i.tar.gz"), tmp_path, tmp_path)
    with pytest.raises(ImageMissingError, match="cannot be read"):
        wanted_image(SandboxImage(archive="none.tar"), tmp_path, tmp_path)
    whole = saved(tmp_path / "i.tar.gz", [SANDBOX_IMAGE]).read_bytes()
    (tmp_path / "i.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageMissingError, match="cannot be read"):
        wanted_image(SandboxImage(archive="i.tar.gz"), tmp_path, tmp_path)


def test_what_cannot_be_saved_whole_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next deploy would send half of it; `docker save` runs on for nobody."""
    (tmp_path / "docker").write_text("#!/bin/sh\necho half; echo no >&2; exit 1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    image = WantedImage(SANDBOX_IMAGE, VERSION, VERSION, ("sha256:0123456789abcdef",), cache=tmp_path / "cache")
    with pytest.raises(ImageMissingError, match=r"docker save .* failed"):
        image.make_archive()
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["lock"]


def test_an_image_that_is_not_here_is_said_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No Docker here: build it on the host; an old version here: make it anew."""
    monkeypatch.setattr("sandbox_image.shutil.which", lambda name: None)
    with pytest.raises(ImageMissingError) as without:
        wanted_image(SandboxImage(), tmp_path, tmp_path)
    assert 'build: "host"' in without.value.hint
    monkeypatch.setattr("sandbox_image.shutil.which", lambda name: name)
    gone = subprocess.CompletedProcess([], 1, "", "Error: No such image: x\n")
    monkeypatch.setattr("sandbox_image.subprocess.run", lambda *words, **named: gone)
    with pytest.raises(ImageMissingError) as missing:
        wanted_image(SandboxImage(), tmp_path, tmp_path)
    assert missing.value.hint == sandbox_image.MAKE
    host = wanted_image(SandboxImage(build="host"), tmp_path, tmp_path)
    assert host.dockerfile.startswith("#") and host.ids == ()


def test_it_travels_only_when_the_host_has_another_one() -> None:
    """Both names must mean it."""
    assert run(loaded_image, state(name="new", version="new"), IMAGE, "{}").commands == []
    for ids in ({}, {"name": "old"}, {"name": "old", "version": "new"}, {"name": "new"}):
        ran = run(loaded_image, state(**ids), IMAGE, "{}")
        assert ran.uploads == ["/tmp/image.tar.gz -> /opt/clawfleet/images/bookworm-slim-0123456789ab.tar"]
        assert f"docker tag {VERSION} {SANDBOX_IMAGE} && docker tag {VERSION} {VERSION}" in ran.commands[-1]


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (ImageMissingError("docker save x failed", "look at Docker"), "docker save x failed; look at Docker"),
        (OSError(28, "No space left on device"), "into an archive here: [Errno 28] No space left on device"),
    ],
)
def test_an_archive_that_cannot_be_made_fails_the_host_with_its_cause(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, told: str
) -> None:
    """Nothing is sent then; without a word of it, it would be taken for a cut of the connection."""

    def make_archive(_: WantedImage) -> None:
        raise raised

    monkeypatch.setattr(WantedImage, "make_archive", make_archive)
    with ctx_host.use(AnsweringHost(state())):
        steps = loaded_image._inner(IMAGE, "{}")
        making = next(step for step in steps if isinstance(step, FunctionCommand))
        making.function(*making.args)
        refusal = str(next(steps))
    assert told in refusal and refusal.endswith("exit 1")


def test_one_that_is_built_there_is_built_once_for_its_content() -> None:
    image = WantedImage(SANDBOX_IMAGE, VERSION, VERSION, label="1.0", dockerfile="FROM x\n")
    ran = run(loaded_image, state(), image, "{}")
    assert (ran.inputs, ran.uploads) == (["FROM x\n"], [])
    assert f"docker build -q --build-arg VERSION=1.0 -t {VERSION} -" in ran.commands
    assert run(loaded_image, state(name="a", version="a"), image, "{}").commands == []


def test_docker_is_let_in_where_it_is_and_missed_where_it_is_not() -> None:
    """A run that only looks knows that it will come."""
    assert run(running_docker, {"DockerState": "running"}, []).commands == []
    assert "systemctl enable -q --now docker" in run(running_docker, {"DockerState": "stopped"}, []).commands[0]
    assert "docker: {install: true}" in run(running_docker, {"DockerState": "none"}, []).commands[0]
    coming = run(running_docker, {"DockerState": "none"}, [Earlier(changes=True)])
    assert "systemctl enable" in coming.commands[0]


def test_a_service_manager_that_began_too_early_begins_anew_once() -> None:
    """Only then: what runs in it stops with it."""
    assert "usermod -aG docker ada" in run(docker_user, {"GroupState": "out"}, "ada").commands
    for found in ("in", "late"):
        assert run(docker_user, {"GroupState": found}, "ada").commands == []
    assert run(renewed_manager, {"GroupState": "in"}, "ada").commands == []
    (restart,) = run(renewed_manager, {"GroupState": "late"}, "ada").commands
    assert 'systemctl restart "user@$uid.service"' in restart


def test_how_a_user_stands_to_a_group_is_asked_in_shell(tmp_path: Path) -> None:
    """Of nobody it is `out`; of root, who has no service manager here, `in`."""

    def told(user: str, group: str) -> str:
        text = GroupState().command(user, group)
        done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True)
        return GroupState().process(done.stdout.splitlines())

    assert told("nobody-at-all", "docker") == "out"
    assert told("root", "root") == "in"
    assert SandboxImages().process([]) is None


class Engine:
    """Docker's command, with containers and images of two gateways."""

    def __init__(self, busy: int = 2) -> None:
        self.busy = busy

    def __call__(self, *words: str) -> str:
        if words[:2] == ("image", "ls"):
            rows = [("", "new", 4), ("-000000000004", "new", 4), ("-000000000003", "c", 3)]
            rows += [("-000000000002", "old", 2), ("-000000000001", "a", 1), ("-mine", "z", 9)]
            return "".join(f"{SANDBOX_IMAGE}{tag}\t{found}\t2026-01-0{day}\n" for tag, found, day in rows)
        if words[0] == "ps":
            return "c1\nc2\n"
        if words[0] == "top":
            return "PID\n" + "1\n" * self.busy
        return json.dumps(
            [container("c1", "old", "/home/a/.openclaw/sandboxes/x"), container("c2", "new", "/home/b/w")]
        )


def container(name: str, image: str, place: str) -> dict[str, Any]:
    """What `docker inspect` tells of a sandbox."""
    config = {"Image": SANDBOX_IMAGE, "Labels": {"openclaw.workspaceDir": place}}
    return {"Id": name, "Image": image, "State": {"Running": True}, "Config": config}


def test_versions_that_nobody_needs_are_old_and_idle_containers_of_them_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two stay, and one that a container is made of; a container in use is left to its gateway."""
    gateways = [{"name": "a", "places": ["/home/a/.openclaw"]}, {"name": "b", "places": ["/home/b/w"]}]
    order = {"image": SANDBOX_IMAGE, "keep": 2, "gateways": gateways}
    monkeypatch.setattr(sandbox_images, "docker", Engine())
    found = sandbox_images.look(order)
    assert (found["old"], found["stale"]) == ([f"{SANDBOX_IMAGE}-000000000001"], ["a"])
    monkeypatch.setattr(sandbox_images, "docker", Engine(busy=3))
    assert sandbox_images.look(order)["stale"] == []


def test_stale_sandboxes_are_made_anew_and_old_versions_removed() -> None:
    facts = {"SandboxImages": {"ids": {}, "old": ["i:1-a"], "stale": ["x"]}}
    assert run(fresh_sandboxes, facts, "x", "recreate", "{}").commands == ["recreate"]
    assert run(fresh_sandboxes, facts, "y", "recreate", "{}").commands == []
    assert run(pruned_images, facts, "{}").commands == ["docker image rm i:1-a >/dev/null"]
    assert run(pruned_images, {"SandboxImages": None}, "{}").commands == []
