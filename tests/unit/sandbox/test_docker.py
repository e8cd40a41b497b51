"""What is asked of Docker's API, word by word, and that no program outlives its cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from clawfleet.sandbox import docker as module
from clawfleet.sandbox.daemon import Daemon
from clawfleet.sandbox.docker import Docker
from clawfleet.sandbox.engine import Execution
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.spec import ContainerSpec, Limits, Mount
from tests.unit.sandbox.fake_docker import FakeDocker

SPEC = ContainerSpec(
    name="openclaw-sbx-x",
    tag="mine",
    scope_key="agent:main",
    image="image:1",
    workdir="/workspace",
    user="1000:1000",
    network="none",
    mounts=(Mount("/a", "/workspace", True), Mount("/b", "/agent", False)),
    env={"LANG": "C.UTF-8"},
    tmpfs=("/tmp:size=1m",),
    limits=Limits("512m", "1g", 1.5, 64, (("nofile", 10, 20),), "device=a,b"),
    extra_hosts=("db:10.0.0.1",),
)
RUN = Execution(("/bin/sh", "-lc", "make"), "/workspace/sub", {"TOKEN": "hunter2"})


@pytest.fixture
def daemon(fake_docker: FakeDocker) -> Daemon:
    return Daemon({"DOCKER_HOST": fake_docker.url})


@pytest.fixture
async def docker(daemon: Daemon) -> AsyncIterator[Docker]:
    docker = Docker(daemon)
    yield docker
    await docker.close()


def ignore(data: bytes) -> None:
    """Output that a test does not look at."""


async def test_a_container_is_asked_for_as_its_spec_says(docker: Docker, fake_docker: FakeDocker) -> None:
    """Every wall of the sandbox is in the request."""
    found = await docker.create(SPEC)
    (body,) = fake_docker.bodies("/containers/create")
    host = body["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert host["NetworkMode"] == "none"
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["Init"] is True
    assert host["Tmpfs"] == {"/tmp": "size=1m"}
    assert host["Binds"] == ["/a:/workspace:rw,z", "/b:/agent:ro,z"]
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"], host["PidsLimit"]) == (
        512 * 1024**2,
        1024**3,
        1_500_000_000,
        64,
    )
    assert "Privileged" not in host
    assert host["Ulimits"] == [{"Name": "nofile", "Soft": 10, "Hard": 20}]
    assert (host["ExtraHosts"], host["OomScoreAdj"]) == (["db:10.0.0.1"], 500)
    assert host["DeviceRequests"][0]["DeviceIDs"] == ["a", "b"]
    assert (body["Image"], body["User"], body["WorkingDir"]) == ("image:1", "1000:1000", "/workspace")
    assert (body["Cmd"], body["Env"]) == (["sleep", "infinity"], ["LANG=C.UTF-8"])
    assert body["Labels"] == {**SPEC.labels, "openclaw.createdAtMs": str(found.created_at_ms)}


async def test_containers_are_found_by_name_and_by_instance(docker: Docker) -> None:
    """What was made is found again with its labels; another instance's is not in the list."""
    made = await docker.create(SPEC)
    await docker.create(replace(SPEC, name="other", tag="theirs"))
    found = await docker.find(SPEC.name)
    assert found == replace(made, image="image:1", image_id="sha256:image:1")
    assert await docker.find("nowhere") is None
    assert [each.name for each in await docker.of_instance("mine")] == [SPEC.name]


async def test_what_an_image_means_now_is_asked_for(docker: Docker) -> None:
    """None for one that is not there."""
    assert await docker.image_id("image:1") == "sha256:image:1"
    assert await docker.image_id("nowhere:1") is None


async def test_leftovers_are_seen_and_ended(docker: Docker, fake_docker: FakeDocker) -> None:
    """The init and the process it keeps are no leftovers; a container that is gone is ended already."""
    found = await docker.create(SPEC)
    assert not await docker.has_leftovers(found)
    fake_docker.processes = 3
    assert await docker.has_leftovers(found)
    await docker.stop(found)
    await docker.remove(found)
    await docker.stop(found)


async def test_removing_what_is_gone_is_fine(docker: Docker) -> None:
    """Somebody else may have removed it first."""
    found = await docker.create(SPEC)
    await docker.remove(found)
    await docker.remove(found)
    assert await docker.find(SPEC.name) is None


async def test_a_missing_image_makes_no_container(docker: Docker, fake_docker: FakeDocker) -> None:
    """It is never replaced by another one."""
    with pytest.raises(SandboxUnavailable, match="Sandbox image not found: openclaw-sandbox:none"):
        await docker.create(replace(SPEC, image="openclaw-sandbox:none"))
    assert fake_docker.containers == {}


async def test_a_program_runs_where_and_with_what_it_was_told(docker: Docker, fake_docker: FakeDocker) -> None:
    """Its variables travel in the request, not in an argument list; both streams arrive as one."""
    fake_docker.said, fake_docker.code = b"x" * 10_000 + b"end", 3
    said = bytearray()
    assert await docker.execute("c", RUN, said.extend) == 3
    assert said == fake_docker.said
    (body,) = fake_docker.bodies("/containers/c/exec")
    assert (body["Cmd"], body["WorkingDir"]) == (["/bin/sh", "-lc", "make"], "/workspace/sub")
    assert "TOKEN=hunter2" in body["Env"]
    assert (body["Privileged"], body["User"], body["Tty"], body["AttachStdin"]) == (False, "", False, False)


async def test_a_cancelled_program_is_ended_inside_the_container(docker: Docker, fake_docker: FakeDocker) -> None:
    """First asked, then killed, by the mark in its environment."""
    fake_docker.hold, fake_docker.said = True, b"working"
    said = bytearray()
    task = asyncio.ensure_future(docker.execute("c", RUN, said.extend))
    async with asyncio.timeout(30):
        await asyncio.to_thread(fake_docker.begun.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    program, *enders = fake_docker.bodies("/containers/c/exec")
    (mark,) = [each.partition("=")[2] for each in program["Env"] if each.startswith("OPENCLAW_EXEC_ID=")]
    assert [ender["Cmd"][3:] for ender in enders] == [["end", mark, "TERM"], ["end", mark, "KILL"]]
    assert not any(mark in each for ender in enders for each in ender["Env"])
    assert said == b"working"
    assert fake_docker.bodies("/containers/c/kill") == []


async def test_a_program_that_cannot_be_killed_costs_its_container(
    docker: Docker, fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Better no container than a command that nobody controls."""
    monkeypatch.setattr(module, "GRACE_S", 0.01)
    fake_docker.hold = True

    def refuses(program: dict[str, object]) -> bytes:
        program["code"] = 1
        return b""

    monkeypatch.setattr(fake_docker, "run", refuses)
    task = asyncio.ensure_future(docker.execute("c", RUN, ignore))
    async with asyncio.timeout(30):
        await asyncio.to_thread(fake_docker.begun.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(fake_docker.bodies("/containers/c/kill")) == 1


async def test_a_program_that_was_given_up_before_it_began_never_begins(
    docker: Docker, daemon: Daemon, fake_docker: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow Docker must not start a command after everybody stopped looking."""
    monkeypatch.setattr(module, "KILL_S", 0.1)
    hang_up = module._Program.hang_up

    def hang_up_and_be_patient(program: module._Program) -> None:
        monkeypatch.setattr(module, "KILL_S", 30)  # only the wait for the beginning is to be in vain
        hang_up(program)

    monkeypatch.setattr(module._Program, "hang_up", hang_up_and_be_patient)
    fake_docker.prompt.clear()
    task = asyncio.ensure_future(docker.execute("c", RUN, ignore))
    async with asyncio.timeout(30):
        while not fake_docker.bodies("/containers/c/exec"):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        fake_docker.prompt.set()
        await asyncio.to_thread(daemon.threads.shutdown)
    assert len(fake_docker.bodies("/containers/c/exec")) == 3
    assert len(fake_docker.bodies("/exec/[^/]+/start")) == 2  # the two that were to end it


async def test_closing_does_not_wait_for_programs_that_nobody_ended(docker: Docker, fake_docker: FakeDocker) -> None:
    """A thread that waits for output would keep the gateway from ending; the caller gets a tool error."""
    fake_docker.hold = True
    task = asyncio.ensure_future(docker.execute("c", RUN, ignore))
    async with asyncio.timeout(30):
        await asyncio.to_thread(fake_docker.begun.wait, 5)
        await docker.close()
        with pytest.raises(SandboxUnavailable, match="stopping"):
            await task


async def test_no_connection_stays_open(docker: Docker) -> None:
    """Programs that ended give their connection back; warnings about open sockets are errors in these tests."""
    for _ in range(3):
        await docker.execute("c", RUN, ignore)
