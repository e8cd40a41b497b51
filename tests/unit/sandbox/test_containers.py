"""Containers: made when needed, reused, replaced, cleaned up, never another gateway's."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from clawfleet.config.models.sandbox import SandboxPrune
from clawfleet.sandbox import containers as module
from clawfleet.sandbox.containers import Containers, selector
from clawfleet.sandbox.engine import Execution
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.reuse import HOT_S
from clawfleet.sandbox.spec import ContainerSpec, Mount
from clawfleet.sandbox.uses import Uses
from tests.unit.sandbox.recording_engine import RecordingEngine

SPEC = ContainerSpec(
    name="openclaw-sbx-x",
    tag="mine",
    scope_key="agent:main",
    image="image",
    workdir="/workspace",
    user="1000:1000",
    network="none",
    mounts=(Mount("/a", "/workspace", True),),
    env={},
)
DAY_S = 86_400
RUN = Execution(("/bin/sh", "-lc", "true"), "/workspace", {})


@pytest.fixture
def engine() -> RecordingEngine:
    return RecordingEngine()


@pytest.fixture
def uses(tmp_path: Path) -> Uses:
    return Uses(tmp_path)


@pytest.fixture
def containers(engine: RecordingEngine, uses: Uses) -> Containers:
    return Containers(engine, "mine", uses, lambda key: SandboxPrune())


def _used(tmp_path: Path, name: str, seconds_ago: float) -> None:
    """`name` was used that long ago, by this process or an earlier one."""
    Uses(tmp_path).note(name)
    at = time.time() - seconds_ago
    os.utime(tmp_path / "sandboxes" / ".used" / name, (at, at))


def _clock_at(seconds: float) -> SimpleNamespace:
    """A clock for the containers alone; the event loop keeps its own."""
    return SimpleNamespace(monotonic=lambda: seconds)


def ignore(data: bytes) -> None:
    """Output that a test does not look at."""


async def test_the_first_command_makes_the_container_and_the_next_finds_it(
    engine: RecordingEngine, containers: Containers
) -> None:
    """One container for many commands."""
    engine.codes["true"] = 5
    assert await containers.execute(SPEC, RUN, ignore) == 5
    assert await containers.execute(SPEC, RUN, ignore) == 5
    assert engine.steps == ["create image", "start"]


async def test_commands_that_arrive_together_share_one_container(
    engine: RecordingEngine, containers: Containers
) -> None:
    """The second waits for the first to have made it, then both run at once."""
    engine.hold = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(containers.execute(SPEC, RUN, ignore))
        for _ in range(5):
            await engine.entered.acquire()
        engine.hold.set()
    assert engine.steps == ["create image", "start"]


async def test_a_container_of_an_earlier_process_is_adopted(engine: RecordingEngine, containers: Containers) -> None:
    """A restarted gateway goes on with what it left; a stopped container is started."""
    engine.put(SPEC.name, SPEC.labels, running=False)
    await containers.execute(SPEC, RUN, ignore)
    assert engine.steps == ["start"]


async def test_changed_settings_replace_a_container_nobody_used(
    engine: RecordingEngine, containers: Containers
) -> None:
    """After a config change the next command runs in what the config says."""
    engine.put(SPEC.name, SPEC.labels)
    await containers.execute(replace(SPEC, image="newer"), RUN, ignore)
    assert engine.steps == ["remove", "create newer", "start"]


async def test_changed_settings_wait_while_a_container_is_hot(
    engine: RecordingEngine, containers: Containers, caplog: pytest.LogCaptureFixture
) -> None:
    """Work in progress is not pulled from under a conversation, and the log says how to apply the change."""
    await containers.execute(SPEC, RUN, ignore)
    with caplog.at_level(logging.WARNING):
        await containers.execute(replace(SPEC, image="newer"), RUN, ignore)
    assert engine.steps == ["create image", "start"]
    assert "Sandbox config changed for openclaw-sbx-x (recently used)." in caplog.text


async def test_changed_mounts_stop_commands_while_a_container_is_hot(
    engine: RecordingEngine, containers: Containers
) -> None:
    """A command never sees other files than configured."""
    await containers.execute(SPEC, RUN, ignore)
    moved = replace(SPEC, mounts=(Mount("/b", "/workspace", True),))
    with pytest.raises(SandboxUnavailable, match="openclaw sandbox recreate --agent main"):
        await containers.execute(moved, RUN, ignore)
    assert len(engine.executions) == 1


async def test_a_running_command_keeps_its_container(engine: RecordingEngine, containers: Containers) -> None:
    """However long it runs, it counts as use."""
    engine.hold = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(containers.execute(SPEC, RUN, ignore))
        await engine.entered.acquire()
        group.create_task(containers.execute(replace(SPEC, image="newer"), RUN, ignore))
        await engine.entered.acquire()
        engine.hold.set()
    assert "remove" not in engine.steps


async def test_another_gateways_container_is_left_alone(engine: RecordingEngine, containers: Containers) -> None:
    """The same name by the same prefix is a mistake to mend, not a container to take."""
    engine.put(SPEC.name, {**SPEC.labels, "openclaw.instance": "theirs"})
    with pytest.raises(SandboxUnavailable, match="belongs to another gateway") as caught:
        await containers.execute(SPEC, RUN, ignore)
    assert "containerPrefix" in str(caught.value.hint)
    assert (engine.steps, engine.executions) == ([], [])


async def test_the_setup_command_runs_once(engine: RecordingEngine, containers: Containers) -> None:
    """Before the first command, in the new container, as its user."""
    spec = replace(SPEC, setup_command="make ready")
    await containers.execute(spec, RUN, ignore)
    await containers.execute(spec, RUN, ignore)
    assert [each.argv[-1] for each in engine.executions] == ["make ready", "true", "true"]


async def test_a_failed_setup_leaves_no_half_made_container(engine: RecordingEngine, containers: Containers) -> None:
    """The next try starts over, and the message names the walls of this sandbox."""
    engine.codes["apt-get update"] = 100
    engine.said = b"Could not resolve host\n"
    with pytest.raises(SandboxUnavailable) as caught:
        await containers.execute(replace(SPEC, setup_command="apt-get update"), RUN, ignore)
    assert caught.value.message == "Sandbox setupCommand failed with exit code 100: Could not resolve host"
    for wall in ("no network", "read-only", "runs as 1000:1000"):
        assert wall in str(caught.value.hint)
    assert engine.steps == ["create image", "start", "remove"]
    assert engine.containers == {}


async def test_an_aborted_setup_leaves_no_half_made_container(engine: RecordingEngine, containers: Containers) -> None:
    """A turn that is cancelled while the container is prepared does not leave an unprepared one."""
    engine.hold = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        task = group.create_task(containers.execute(replace(SPEC, setup_command="slow"), RUN, ignore))
        await engine.entered.acquire()
        task.cancel()
    assert task.cancelled()
    assert engine.containers == {}


async def test_pruning_removes_what_is_idle_or_old_and_nothing_else(
    engine: RecordingEngine, containers: Containers, tmp_path: Path
) -> None:
    """Idle for a day or old for a week goes; what is in use, fresh, or another gateway's stays."""
    long_ago = int(time.time() * 1000) - 9 * 86_400_000
    for name in ("in-use", "idle", "old", "old-but-hot"):
        engine.put(name, replace(SPEC, name=name).labels, created_at_ms=long_ago)
    engine.put("theirs", {**SPEC.labels, "openclaw.instance": "theirs"}, created_at_ms=0)
    engine.put("fresh", SPEC.labels)
    engine.put("two-days", SPEC.labels, created_at_ms=long_ago + 7 * 86_400_000)
    for name, ago in (("idle", DAY_S + 1), ("old", HOT_S + 1), ("old-but-hot", 1), ("two-days", 60)):
        _used(tmp_path, name, ago)
    engine.hold = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(containers.execute(replace(SPEC, name="in-use"), RUN, ignore))
        await engine.entered.acquire()
        await containers.prune()
        assert sorted(engine.containers) == ["fresh", "in-use", "old-but-hot", "theirs", "two-days"]
        engine.hold.set()
    assert Uses(tmp_path).at_ms("idle") is None


async def test_each_scope_is_kept_as_long_as_its_own_settings_say(engine: RecordingEngine, uses: Uses) -> None:
    """Hours of idleness and days of age, each switched off by 0."""
    limits = {
        "agent:brief": SandboxPrune(idle_hours=1),
        "agent:forever": SandboxPrune(idle_hours=0, max_age_days=0),
        "agent:young": SandboxPrune(idle_hours=0, max_age_days=1),
    }
    containers = Containers(engine, "mine", uses, lambda key: limits.get(key, SandboxPrune(idle_hours=72)))
    long_ago = int(time.time() * 1000) - 2 * 86_400_000
    for key in [*limits, "agent:other"]:
        engine.put(key, replace(SPEC, name=key, scope_key=key).labels, created_at_ms=long_ago)
    await containers.prune()
    assert sorted(engine.containers) == ["agent:forever", "agent:other"]


async def test_use_prunes_now_and_then(
    engine: RecordingEngine, containers: Containers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No timer is needed: whoever uses a sandbox lets the stale ones go, beside its own work."""
    engine.put("stale", SPEC.labels, created_at_ms=1)
    monkeypatch.setattr(module, "time", _clock_at(time.monotonic() + module.PRUNE_EVERY_S + 1))
    await containers.execute(SPEC, RUN, ignore)
    async with asyncio.timeout(30):
        await engine.removed.acquire()
    assert list(engine.containers) == [SPEC.name]
    await containers.close()


async def test_what_a_dead_gateway_left_running_is_ended_at_the_next_start(
    engine: RecordingEngine, containers: Containers, caplog: pytest.LogCaptureFixture
) -> None:
    """Its container is stopped, an idle one is not; another gateway's is not even looked at."""
    for name in ("busy", "idle", "theirs"):
        labels = replace(SPEC, name=name).labels
        engine.put(name, {**labels, "openclaw.instance": "theirs"} if name == "theirs" else labels)
    engine.leftovers = {"busy", "theirs"}
    with caplog.at_level(logging.WARNING):
        await containers.recover()
    assert {name: found.running for name, found in engine.containers.items()} == {
        "busy": False,
        "idle": True,
        "theirs": True,
    }
    assert "busy is stopped: commands of a gateway that ended still ran in it" in caplog.text
    await containers.execute(replace(SPEC, name="busy"), RUN, ignore)
    assert engine.steps[-1] == "start"


async def test_a_command_that_comes_before_the_recovery_finds_a_clean_container(
    engine: RecordingEngine, containers: Containers
) -> None:
    """Whichever is first: leftovers go before anything runs, and what runs then stays."""
    engine.put(SPEC.name, SPEC.labels)
    engine.leftovers = {SPEC.name}
    await containers.execute(SPEC, RUN, ignore)
    assert engine.steps == ["look", "stop", "start"]
    engine.leftovers = {SPEC.name}
    await containers.recover()
    assert engine.containers[SPEC.name].running


async def test_a_rebuilt_image_replaces_a_container_nobody_used(
    engine: RecordingEngine, containers: Containers
) -> None:
    """The name is the same, what it means is not; a hot container is kept."""
    engine.put(SPEC.name, SPEC.labels)
    engine.image_ids = {SPEC.image: "new"}
    await containers.execute(SPEC, RUN, ignore)
    assert engine.steps == ["remove", "create image", "start"]
    await containers.execute(SPEC, RUN, ignore)
    assert engine.steps == ["remove", "create image", "start"]


async def test_a_setup_that_does_not_end_is_given_up(
    engine: RecordingEngine, containers: Containers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn does not wait for it for ever."""
    monkeypatch.setattr(module, "SETUP_S", 0.01)
    engine.hold = asyncio.Event()
    with pytest.raises(SandboxUnavailable, match="setupCommand did not end"):
        await containers.execute(replace(SPEC, setup_command="read x"), RUN, ignore)
    assert engine.containers == {}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("shared", "--all"),
        ("agent:main", "--agent main"),
        ("agent:main:telegram:group:1", "--session agent:main:telegram:group:1"),
    ],
)
def test_recreate_is_told_of_one_container(key: str, words: str) -> None:
    assert selector(key) == words


async def test_a_failing_engine_fails_the_command_but_not_the_pruning(
    engine: RecordingEngine, containers: Containers
) -> None:
    """A daemon that is away is the command's error once, and no reason to crash in the background."""
    engine.broken = SandboxUnavailable("away")
    with pytest.raises(SandboxUnavailable, match="away"):
        await containers.execute(SPEC, RUN, ignore)
    await containers.prune()


async def test_closing_leaves_containers_in_place(engine: RecordingEngine, containers: Containers) -> None:
    """They hold the conversation's files; the next start finds them."""
    await containers.execute(SPEC, RUN, ignore)
    await containers.close()
    assert engine.is_closed
    assert list(engine.containers) == [SPEC.name]
