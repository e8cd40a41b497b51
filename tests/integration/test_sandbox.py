"""exec in real containers of the real image: the walls hold, commands end when told, gateways stay apart."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.tools.base import ToolResult
from clawfleet.tools.output import DROPPED, LIMIT
from tests.integration.sandboxed_agent import SandboxedAgent, docker
from tests.support.images import SANDBOX_IMAGE, sandbox_image

# The SDK forgets to close a socket that it could not connect; the fixture collects it.
pytestmark = [pytest.mark.docker, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

Make = Callable[..., SandboxedAgent]


@pytest.fixture(scope="session")
def image() -> str:
    """The image that operators use, built if it is not there."""
    return sandbox_image()


@pytest.fixture
async def make(tmp_path: Path, image: str) -> AsyncIterator[Make]:
    """Sandboxed agents, each of a gateway of its own; their containers go with the test."""
    made: list[SandboxedAgent] = []

    def start(name: str = "one", **sandbox: Any) -> SandboxedAgent:
        made.append(SandboxedAgent(tmp_path / name, image, **sandbox))
        return made[-1]

    yield start
    for agent in made:
        await agent.close()
    gc.collect()


async def _running(agent: SandboxedAgent, command: str, **arguments: Any) -> asyncio.Task[ToolResult]:
    """A command that has printed something."""
    printed = asyncio.Event()
    task = asyncio.ensure_future(agent.exec(command, report=lambda text: printed.set(), **arguments))
    waiting: Awaitable[object] = printed.wait()
    async with asyncio.timeout(30):
        await waiting
    return task


async def _cancel(task: asyncio.Task[ToolResult]) -> None:
    task.cancel()
    async with asyncio.timeout(20):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_command_works_inside_and_its_result_comes_out(make: Make) -> None:
    """Both streams in order, the exit code, the container's own directory."""
    agent = make()
    result = await agent.exec("echo one; echo two >&2; echo three; pwd; exit 3")
    assert result.text == "one\ntwo\nthree\n/workspace\n\n(Command exited with code 3)"
    assert (result.details["exitCode"], result.details["cwd"], result.is_error) == (3, "/workspace", False)


async def test_the_walls_stand(make: Make) -> None:
    """What Docker says of the container, and what a command inside can do about it."""
    agent = make(docker={"user": "1000:1000", "pidsLimit": 64, "memory": "256m", "cpus": 0.5})
    secret = agent.home / "secret"
    secret.write_text("hunter2")
    tried = (
        f"id -u; id -g; touch /x; ls /sys/class/net; cat {secret}; cat /proc/self/status | grep -E 'CapEff|NoNewPrivs';"
        "echo kept > /workspace/file && cat file; echo gone > /tmp/file && cat /tmp/file; env"
    )
    said = (await agent.exec(tried)).text
    lines = said.splitlines()
    assert lines[:2] == ["1000", "1000"]
    assert "Read-only file system" in said
    assert lines[3] == "lo"
    assert "CapEff:\t0000000000000000" in lines
    assert "NoNewPrivs:\t1" in lines
    assert {"kept", "gone", "HOME=/workspace", "OPENCLAW_SHELL=exec", "LANG=C.UTF-8"} <= set(lines)
    assert "hunter2" not in said
    row = agent.container()
    host = row["HostConfig"]
    assert (host["ReadonlyRootfs"], host["NetworkMode"], host["CapDrop"]) == (True, "none", ["ALL"])
    assert (host["SecurityOpt"], host["Init"], host["Privileged"]) == (["no-new-privileges"], True, False)
    assert (host["PidsLimit"], host["Memory"], host["NanoCpus"]) == (64, 256 * 1024**2, 500_000_000)
    assert set(host["Tmpfs"]) == {"/tmp", "/var/tmp", "/run"}
    assert {mount["Destination"]: mount["RW"] for mount in row["Mounts"]} == {
        "/workspace": True,
        "/workspace/skills": False,
    }


async def test_the_gateways_environment_stays_outside(make: Make) -> None:
    """No variable of the host comes in, whatever its name."""
    agent = make()
    agent.environ["OPENAI_API_KEY"] = "sk-hunter2"
    agent.restart()
    said = (await agent.exec("env", env={"MINE": "yes"})).text
    assert "hunter2" not in said
    assert "MINE=yes" in said
    assert os.environ["PATH"] not in said or os.environ["PATH"].startswith("/usr/local/bin:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("access", "seen", "writable"),
    [("none", "", {"/workspace"}), ("ro", "/agent", set()), ("rw", "/workspace", {"/workspace"})],
)
async def test_workspace_access(make: Make, access: str, seen: str, writable: set[str]) -> None:
    """none hides the workspace, ro shows it, rw works in it; what is written there is the owner's on the host."""
    agent = make(workspaceAccess=access)
    (agent.workspace / "notes").write_text("remember")
    found = (await agent.exec("ls -d /workspace/notes /agent/notes 2>/dev/null")).text.splitlines()[0]
    assert found == (f"{seen}/notes" if seen else "(no output)")
    for place in ("/workspace", "/agent"):
        code = (await agent.exec(f"touch {place}/new")).details["exitCode"]
        assert (code == 0) is (place in writable)
    made = agent.workspace / "new"
    assert made.exists() is (access == "rw")
    if access == "rw":
        assert made.stat().st_uid == agent.workspace.stat().st_uid


async def test_a_sandbox_of_its_own_begins_with_the_agents_files_and_has_its_skills(make: Make) -> None:
    """Files are the sandbox's from then on; skills follow the host and cannot be written."""
    agent = make()
    (agent.workspace / "AGENTS.md").write_text("rules")
    (agent.workspace / "SOUL.md").symlink_to(agent.home / "secret")
    skill = agent.workspace / "skills" / "dance"
    skill.mkdir(parents=True)
    (skill / "SKILL.md").write_text("turn")
    result = await agent.exec("cat AGENTS.md skills/dance/SKILL.md; echo own > AGENTS.md; ls SOUL.md; touch skills/x")
    assert result.text.startswith("rulesturn")
    assert "SOUL.md: No such file" in result.text.replace("'", "")
    assert "Read-only file system" in result.text
    (skill / "SKILL.md").write_text("turn twice")
    assert (await agent.exec("cat AGENTS.md skills/dance/SKILL.md")).text == "own\nturn twice"
    assert (agent.workspace / "AGENTS.md").read_text() == "rules"


async def test_the_time_limit_ends_the_command_inside(make: Make) -> None:
    """Not only the call: the process and its children are gone from the container."""
    agent = make()
    await agent.exec("true")  # a container that is there already says its first word in time
    result = await agent.exec("echo started; sleep 4242 & sleep 4243", timeoutSeconds=4)
    assert result.text.startswith("started\n")
    assert "\n\nCommand timed out after 4 seconds." in result.text
    assert result.is_error
    assert agent.processes() == []


async def test_an_abort_ends_the_command_inside(make: Make) -> None:
    """The same when the turn is cancelled; a background child with its output elsewhere goes too."""
    agent = make()
    task = await _running(agent, "sleep 4242 > /dev/null 2>&1 & echo started; sleep 4243")
    assert len(agent.processes()) >= 2
    await _cancel(task)
    assert agent.processes() == []
    assert (await agent.exec("echo still here")).text == "still here"


async def test_a_command_that_ignores_the_polite_signal_is_killed(make: Make) -> None:
    """Its neighbours in the same container are not."""
    agent = make()
    neighbour = await _running(agent, "echo up; sleep 4242; echo done")
    stubborn = await _running(agent, "trap '' TERM; echo up; while true; do sleep 4243; done")
    await _cancel(stubborn)
    assert not any("4243" in line for line in agent.processes())
    assert any("4242" in line for line in agent.processes())
    await _cancel(neighbour)


async def test_a_command_that_fills_its_container_costs_only_that(make: Make) -> None:
    """When nothing can be started inside any more, the container is stopped; the next command gets it back."""
    agent = make(docker={"pidsLimit": 16})
    task = await _running(agent, "for i in $(seq 40); do sleep 4242 & done; echo full; wait")
    await _cancel(task)
    assert (await agent.exec("echo back")).text == "back"
    assert agent.processes() == []


async def test_a_large_output_is_bounded(make: Make) -> None:
    """The model reads both ends and how much is missing."""
    result = await make().exec("seq 1 200000")
    assert len(result.text) < LIMIT + 200
    assert result.text.startswith("1\n2\n3\n")
    assert result.text.endswith("199999\n200000")
    assert f"{DROPPED} (1088895 characters)" in result.text


async def test_output_shows_while_the_command_runs(make: Make) -> None:
    """A client need not wait for the end."""
    agent = make()
    task = await _running(agent, "echo early; until [ -e go ]; do sleep 0.05; done; echo late")
    assert not task.done()
    await agent.exec("touch /workspace/go")
    async with asyncio.timeout(20):
        assert (await task).text == "early\nlate"


async def test_many_commands_at_once(make: Make) -> None:
    """Each gets its own output, all of it, from one container."""
    agent = make()
    results = await asyncio.gather(*(agent.exec(f"for i in $(seq 200); do echo {n}; done") for n in range(12)))
    assert [set(result.text.split()) for result in results] == [{str(n)} for n in range(12)]
    assert all(len(result.text.split()) == 200 for result in results)
    assert len(agent.containers()) == 1


async def test_a_missing_directory_is_named(make: Make) -> None:
    """In words that a model can act on."""
    with pytest.raises(Exception, match=r"^The working directory does not exist in the sandbox: /nowhere$"):
        await make().exec("pwd", workdir="/nowhere")


async def test_a_missing_image_runs_nothing_anywhere(make: Make) -> None:
    """The message says how to get the image; neither another image nor the host takes its place."""
    agent = make(docker={"image": "openclaw-sandbox:no-such-tag"}, workspaceAccess="rw")
    agent.restart(docker={"image": "openclaw-sandbox:no-such-tag"}, workspaceAccess="rw")
    with pytest.raises(SandboxUnavailable) as caught:
        await agent.exec(f"touch {agent.workspace}/made")
    assert caught.value.message == (
        "Sandbox image not found: openclaw-sandbox:no-such-tag. Build it first: make sandbox-image"
    )
    assert agent.containers() == []
    assert list(agent.workspace.iterdir()) == []


async def test_a_daemon_that_is_down_runs_nothing_anywhere(make: Make) -> None:
    """A dead socket is told as such; when the daemon is back, so is the sandbox."""
    agent = make(workspaceAccess="rw")
    agent.environ["DOCKER_HOST"] = f"unix://{agent.home}/dead.sock"
    agent.restart(workspaceAccess="rw")
    with pytest.raises(SandboxUnavailable, match="the Docker daemon is not available"):
        await agent.exec(f"touch {agent.workspace}/made")
    assert list(agent.workspace.iterdir()) == []
    await agent.toolbox.close()


async def test_two_gateways_on_one_host_do_not_meet(make: Make) -> None:
    """The same sandbox scope, `shared`, is one container for each of them."""
    one, two = make("one", scope="shared"), make("two", scope="shared")
    await one.exec("echo one > /workspace/mine")
    assert (await two.exec("cat /workspace/mine")).details["exitCode"] == 1
    assert set(one.containers()).isdisjoint(two.containers())
    docker("rm", "-f", *one.containers())
    assert (await two.exec("echo fine")).text == "fine"


async def test_the_same_prefix_for_two_gateways_is_refused(make: Make, tmp_path: Path) -> None:
    """An explicit prefix is the operator's, and so is the collision; the first one's container is safe."""
    prefix = f"test-{tmp_path.name[-20:]}-{os.getpid()}-"
    one, two = (make(name, scope="shared", docker={"containerPrefix": prefix}) for name in ("one", "two"))
    await one.exec("echo one > /workspace/mine")
    with pytest.raises(SandboxUnavailable, match="belongs to another gateway"):
        await two.exec("rm /workspace/mine")
    assert (await one.exec("cat /workspace/mine")).text == "one"


async def test_a_restarted_gateway_goes_on_in_its_container(make: Make) -> None:
    """Even what lies only in the container's memory is still there."""
    agent = make()
    await agent.exec("echo before > /tmp/note")
    before = agent.container()["Id"]
    await agent.toolbox.close()
    agent.restart()
    assert (await agent.exec("cat /tmp/note")).text == "before"
    assert agent.container()["Id"] == before


async def test_a_restart_with_another_config_makes_another_container(make: Make) -> None:
    """The files of the sandbox stay, the container does not."""
    agent = make()
    await agent.exec("echo kept > /workspace/note")
    before = agent.container()["Id"]
    await agent.toolbox.close()
    agent.restart(docker={"env": {"NEW": "yes"}})
    assert (await agent.exec("cat /workspace/note; echo $NEW")).text == "kept\nyes"
    assert agent.container()["Id"] != before


@pytest.mark.parametrize("harm", [("rm", "-f"), ("stop", "-t", "0"), ("kill",)])
async def test_a_container_that_somebody_took_away_comes_back(make: Make, harm: tuple[str, ...]) -> None:
    """A command that was running fails or ends; the next one works."""
    agent = make()
    task = await _running(agent, "echo up; sleep 4242")
    docker(*harm, *agent.containers())
    async with asyncio.timeout(30):
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(outcome, SandboxUnavailable) or (
        isinstance(outcome, ToolResult) and outcome.details["exitCode"] == 137
    )
    assert (await agent.exec("echo back")).text == "back"


async def test_the_setup_command_prepares_the_container(make: Make) -> None:
    """Once, as the container's user; when it fails, no unprepared container is left."""
    agent = make(docker={"setupCommand": "echo ready >> /workspace/setup"})
    await agent.exec("true")
    assert (await agent.exec("cat /workspace/setup")).text == "ready"
    broken = make("two", docker={"setupCommand": "apt-get install -y cowsay"})
    with pytest.raises(SandboxUnavailable, match="Sandbox setupCommand failed with exit code 100"):
        await broken.exec("true")
    assert broken.containers() == []


def test_the_default_image_is_the_one_that_is_built() -> None:
    """What `make sandbox-image` makes is what an unconfigured sandbox asks for."""
    from clawfleet.config.models.sandbox import SandboxDocker

    assert SandboxDocker().image == SANDBOX_IMAGE
