"""Ways out of the sandbox, tried in real containers: each is refused, and the log says so."""

from __future__ import annotations

import asyncio
import gc
import http.server
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clawfleet.sandbox.failures import SandboxForbidden
from clawfleet.tools.base import ToolResult
from clawfleet.tools.output import LIMIT
from tests.integration.sandboxed_agent import SandboxedAgent
from tests.support.images import sandbox_image

pytestmark = [pytest.mark.docker, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

Make = Callable[..., SandboxedAgent]
SECRET = "hunter2"


@pytest.fixture(scope="module")
def image() -> str:
    """The image that operators use, built if it is not there."""
    return sandbox_image()


@pytest.fixture
async def make(tmp_path: Path, image: str) -> AsyncIterator[Make]:
    """Sandboxed agents, each of a gateway of its own; their containers go with the test."""
    made: list[SandboxedAgent] = []

    def start(name: str = "one", **sandbox: Any) -> SandboxedAgent:
        made.append(SandboxedAgent(tmp_path / name, image, **sandbox))
        (made[-1].home / "secret").write_text(SECRET)
        return made[-1]

    yield start
    for agent in made:
        await agent.close()
    gc.collect()


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The gateway's log from `info` up, as operators have it."""
    caplog.set_level(logging.INFO, "clawfleet")
    return caplog


def failed(result: ToolResult, log: pytest.LogCaptureFixture) -> bool:
    """Whether the command got nowhere, and its line in the log says the same."""
    code = result.details["exitCode"]
    return code != 0 and f"exit code {code}" in log.text and "exec on sandbox for agent:main:main" in log.text


@pytest.mark.parametrize("access", ["none", "ro", "rw"])
async def test_files_of_the_host_cannot_be_read(make: Make, logged: pytest.LogCaptureFixture, access: str) -> None:
    """By absolute path, with `..`, through /proc, through links that lead out: inside they lead nowhere."""
    agent = make(workspaceAccess=access)
    (agent.workspace / "link").symlink_to(agent.home / "secret")
    (agent.workspace / "folder").symlink_to(agent.home)
    where: dict[str, Any] = {} if access == "none" else {"workdir": str(agent.workspace)}
    absolute = str(agent.home / "secret")
    for path in (
        *(absolute, "../secret", f"../../../../{absolute}", f"/proc/1/root/{absolute}"),
        *("/proc/self/cwd/../secret", "link", "folder/secret"),
    ):
        logged.clear()
        result = await agent.exec(f"cat {path}", **where)
        assert SECRET not in result.text, path
        assert failed(result, logged), path


async def test_a_link_made_inside_leads_nowhere_on_the_host(make: Make, logged: pytest.LogCaptureFixture) -> None:
    """What it is made for is a path of the container; on the host it is written, never followed."""
    agent = make(workspaceAccess="rw")
    result = await agent.exec(f"ln -s {agent.home}/secret out && echo stolen > out; cat out")
    assert failed(result, logged)
    assert (agent.home / "secret").read_text() == SECRET


@pytest.mark.parametrize(
    "source",
    [
        "/", "/etc", "/proc", "/root", "/var/run/docker.sock", "/run/docker.sock", "/var/lib/docker", "{home}",
        "{home}/sandboxes", "{workspace}/link-to-etc", "{workspace}/link-to-root/run/docker.sock",
        "{workspace}/link-to-etc/nothing/here", "/usr/..", "{workspace}/../secret",
    ],
)  # fmt: skip
async def test_dangerous_mounts_are_refused(make: Make, logged: pytest.LogCaptureFixture, source: str) -> None:
    """The engine's socket, the system, the gateway's state, and links to them, even where foreign sources may be."""
    agent = make()
    (agent.workspace / "link-to-etc").symlink_to("/etc")
    (agent.workspace / "link-to-root").symlink_to("/")
    bind = f"{source.format(home=agent.home, workspace=agent.workspace)}:/data:ro"
    agent.restart(docker={"binds": [bind], "dangerouslyAllowExternalBindSources": True})
    with pytest.raises(SandboxForbidden, match=r"Sandbox security: mounting .* is blocked"):
        await agent.exec("ls /data")
    assert agent.containers() == []
    assert "refused a sandbox for agent:main: Sandbox security: mounting" in logged.text


async def test_a_workspace_that_is_a_link_to_the_system_is_refused(
    make: Make, logged: pytest.LogCaptureFixture
) -> None:
    """The link may have come later than the config."""
    agent = make(workspaceAccess="rw")
    agent.workspace.rmdir()
    agent.workspace.symlink_to("/etc")
    with pytest.raises(SandboxForbidden):
        await agent.exec("ls")
    assert agent.containers() == []
    assert "refused a sandbox" in logged.text


async def test_the_engines_socket_is_not_inside(make: Make, logged: pytest.LogCaptureFixture) -> None:
    """Nor may a mount be made there."""
    agent = make()
    result = await agent.exec(
        "ls /var/run/docker.sock /run/docker.sock; mount --bind / /workspace; unshare -rm true; mknod /tmp/sda b 8 0"
    )
    assert failed(result, logged)
    assert result.text.count("No such file or directory") >= 2
    for said in ("mount: ", "unshare", "Operation not permitted"):
        assert said in result.text


@pytest.fixture
def host_port() -> Iterator[int]:
    """Something that listens on every address of the host."""
    server = http.server.HTTPServer(("0.0.0.0", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


async def test_there_is_no_network(make: Make, logged: pytest.LogCaptureFixture, host_port: int) -> None:
    """Not to the host on any address, not to the world, no names."""
    addresses = ["127.0.0.1", "172.17.0.1", "169.254.169.254", "1.1.1.1", socket.gethostbyname(socket.gethostname())]
    tries = "; ".join(f"curl -sS -m 3 http://{address}:{host_port}/" for address in addresses)
    result = await make().exec(
        f"{tries}; getent hosts example.com; ls /sys/class/net | grep -v lo; curl -sS -m 3 http://example.com"
    )
    assert failed(result, logged)
    assert result.text.count("curl: (") == len(addresses) + 1
    assert "Directory listing" not in result.text


async def test_a_workspace_that_is_only_shown_cannot_be_written(make: Make, logged: pytest.LogCaptureFixture) -> None:
    """Not by writing, not by way of another path, not by mounting it anew; nor can the root."""
    agent = make(workspaceAccess="ro")
    (agent.workspace / "kept").write_text("kept")
    result = await agent.exec(
        "echo x > /agent/kept; rm -f /agent/kept; touch /agent/../agent/new /workspace/new /etc/new /usr/new; "
        "mount -o remount,rw /agent"
    )
    assert failed(result, logged)
    assert result.text.count("Read-only file system") == 6
    assert [path.name for path in agent.workspace.iterdir()] == ["kept"]


async def test_a_fork_bomb_stays_within_its_processes(make: Make, logged: pytest.LogCaptureFixture) -> None:
    """The container has no more than its limit; its time ends it, and the next command works."""
    agent = make(docker={"pidsLimit": 48})
    result = await agent.exec("bomb() { bomb | bomb & }; bomb; sleep 30", timeoutSeconds=3)
    assert result.details["timedOut"]
    assert "overall-timeout" in logged.text
    async with asyncio.timeout(30):
        assert (await agent.exec("echo back")).text == "back"
    assert agent.processes() == []


async def test_a_memory_bomb_is_killed(make: Make, logged: pytest.LogCaptureFixture) -> None:
    """It, not the host; the model and the log are told why."""
    agent = make(docker={"memory": "64m"})
    result = await agent.exec("python3 -c 'x = bytearray(400 * 1024 * 1024)'")
    assert (result.details["exitCode"], "[killed: the sandbox has 64m of memory]" in result.text) == (137, True)
    assert "was killed: it needed more than 64m of memory" in logged.text
    fills = await agent.exec("head -c 400m /dev/zero > /tmp/fill; ls -l /tmp/fill")
    assert "No space left on device" in fills.text
    assert (await agent.exec("echo back")).text == "back"


async def test_an_output_bomb_is_bounded_and_ends(make: Make, logged: pytest.LogCaptureFixture) -> None:
    """The gateway keeps both ends of it, whatever comes between."""
    result = await make().exec("yes bomb", timeoutSeconds=3)
    assert result.details["timedOut"]
    assert len(result.text) < LIMIT + 1_000
    assert "overall-timeout" in logged.text


async def test_ten_hours_of_sleep_end_with_the_time_limit(make: Make, logged: pytest.LogCaptureFixture) -> None:
    """Whatever it does to survive: another session, no terminal, no parent, deaf to the polite signal."""
    agent = make()
    result = await agent.exec(
        "trap '' TERM HUP; setsid nohup sh -c 'trap \"\" TERM; sleep 36000' >/dev/null 2>&1 & sleep 36000",
        timeoutSeconds=1,
    )
    assert result.details["timedOut"]
    assert "overall-timeout" in logged.text
    assert agent.processes() == []
