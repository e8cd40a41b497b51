"""Commands on the host: clean environment, whole process group, output in order. Runs real shells."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.sandbox.place import Command, Exit, Keyboard
from clawfleet.tools import host_shell
from clawfleet.tools.host_shell import HostShell

ENVIRON = {
    "PATH": os.environ["PATH"],
    "HOME": "/home/someone",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TMPDIR": "/tmp",
    "OPENAI_API_KEY": "sk-hunter2",
    "OPENCLAW_GATEWAY_TOKEN": "hunter2",
    "TELEGRAM_BOT_TOKEN": "1:hunter2",
    "LD_PRELOAD": "",
    "DATABASE_URL": "postgres://u:hunter2@h/d",
}


async def run(line: str, workspace: Path, *, workdir: str | None = None, env: Mapping[str, str] | None = None) -> str:
    said = bytearray()
    end = await HostShell(ENVIRON).run(Command(line, workspace, workdir, env or {}), said.extend)
    assert end == Exit(0), said.decode()
    return said.decode()


def _ignore(data: bytes) -> None:
    """Output that a test does not look at."""


async def test_the_gateways_secrets_stay_in_the_gateway(tmp_path: Path) -> None:
    """A command sees what a login shell has, and nothing that was configured for the gateway."""
    lines = (await run("env", tmp_path)).splitlines()
    names = {line.partition("=")[0] for line in lines} - {"_", "PWD", "SHLVL", "OLDPWD"}
    marks = {"OPENCLAW_SHELL", "OPENCLAW_CLI", "OPENCLAW_EXEC_OWNER", "OPENCLAW_EXEC_GROUP"}
    assert names == {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TERM", *marks}
    assert not any("hunter2" in line for line in lines)


async def test_a_command_knows_who_runs_it_and_has_its_own_variables(tmp_path: Path) -> None:
    """Scripts can tell that they run under exec; the caller's variables arrive."""
    said = await run('echo "$OPENCLAW_SHELL $TERM $WHO"', tmp_path, env={"WHO": "me", "OPENCLAW_SHELL": "mine"})
    assert said == "exec xterm me\n"


async def test_configured_directories_come_first_in_path(tmp_path: Path) -> None:
    """tools.exec.pathPrepend wins over the gateway's PATH."""
    said = bytearray()
    await HostShell(ENVIRON, ("/opt/first", "/opt/second")).run(Command("echo $PATH", tmp_path), said.extend)
    assert said.decode().startswith("/opt/first:/opt/second:")


async def test_commands_start_in_the_workspace(tmp_path: Path) -> None:
    """Relative directories are below it, absolute ones are themselves."""
    (tmp_path / "sub").mkdir()
    assert await run("pwd", tmp_path) == f"{tmp_path}\n"
    assert await run("pwd", tmp_path, workdir="sub") == f"{tmp_path}/sub\n"
    assert await run("pwd", tmp_path, workdir="/") == "/\n"


async def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    """Nothing runs somewhere else instead."""
    with pytest.raises(ToolError, match=f"does not exist: {tmp_path}/nowhere"):
        await run("touch made", tmp_path, workdir="nowhere")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the async rule dislikes the other form


async def test_output_and_errors_arrive_in_order(tmp_path: Path) -> None:
    """Both streams are one, as on a terminal."""
    assert await run("echo one; echo two >&2; echo three", tmp_path) == "one\ntwo\nthree\n"


async def test_a_command_has_no_input(tmp_path: Path) -> None:
    """A program that reads its input ends instead of hanging."""
    assert await run("cat; echo done", tmp_path) == "done\n"


async def test_endings_are_told_apart(tmp_path: Path) -> None:
    """An exit code is a code, a signal is a signal."""
    shell = HostShell(ENVIRON)
    assert await shell.run(Command("exit 7", tmp_path), _ignore) == Exit(7)
    assert await shell.run(Command("kill -9 $$", tmp_path), _ignore) == Exit(None, "SIGKILL")
    nameless = signal.SIGRTMIN + 6
    assert await shell.run(Command(f"kill -{nameless} $$", tmp_path), _ignore) == Exit(None, str(int(nameless)))


async def test_a_large_output_is_read_whole(tmp_path: Path) -> None:
    """The last byte is there although the command ended before it was read."""
    said = bytearray()
    end = await HostShell(ENVIRON).run(Command("head -c 3000000 /dev/zero", tmp_path), said.extend)
    assert (end, len(said)) == (Exit(0), 3_000_000)


async def test_what_a_command_leaves_behind_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that is to go on is put into the background by exec, where it can be looked after."""
    monkeypatch.setattr(host_shell, "GRACE_S", 0.2)
    said = bytearray()
    async with asyncio.timeout(30):
        await HostShell(ENVIRON).run(Command("sleep 60 & echo $!", tmp_path), said.extend)
    assert await _gone([int(said)])


@pytest.mark.skipif(shutil.which("setsid") is None, reason="setsid is not installed")
async def test_what_left_the_group_does_not_hold_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that keeps the output open is not waited for."""
    monkeypatch.setattr(host_shell, "DRAIN_S", 0.05)
    said = bytearray()
    line = "setsid sh -c 'echo $$ >&3; exec sleep 60' 3>pid & while [ ! -s pid ]; do sleep 0.01; done"
    async with asyncio.timeout(30):
        await HostShell(ENVIRON).run(Command(line, tmp_path), said.extend)
    os.kill(int((tmp_path / "pid").read_text()), 9)


class Terminal:
    """A command on a terminal, and what it has printed."""

    def __init__(self, line: str, workspace: Path) -> None:
        self.keyboard = Keyboard()
        self.said = bytearray()
        self.heard = asyncio.Event()
        command = Command(line, workspace, keyboard=self.keyboard)
        self.task = asyncio.ensure_future(HostShell(ENVIRON).run(command, self._hear))

    def _hear(self, data: bytes) -> None:
        self.said += data
        self.heard.set()

    async def until(self, text: bytes) -> None:
        """Return when it has printed `text`."""
        async with asyncio.timeout(30):
            while text not in self.said:
                self.heard.clear()
                await self.heard.wait()


async def test_a_terminal_is_one(tmp_path: Path) -> None:
    """With a device, a size, and a session that it controls."""
    terminal = Terminal('tty; stty size; echo "$TERM"; echo x >/dev/tty', tmp_path)
    assert await terminal.task == Exit(0)
    device, *rest = terminal.said.decode().splitlines()
    assert device.startswith("/dev/")
    assert rest == ["30 120", "xterm", "x"]
    assert not terminal.keyboard.is_plugged_in


async def test_a_terminal_takes_input(tmp_path: Path) -> None:
    """Text, the end of input, and keys that mean a signal."""
    terminal = Terminal("echo ready; read line; echo got $line; cat; trap 'exit 9' INT; echo again; sleep 60", tmp_path)
    await terminal.until(b"ready")
    await terminal.keyboard.type(b"hello\n")
    await terminal.until(b"got hello")
    await terminal.keyboard.type(b"\x04")
    await terminal.until(b"again")
    await terminal.keyboard.type(b"\x03")
    assert await terminal.task == Exit(9)
    with pytest.raises(ToolError, match="takes no input"):
        await terminal.keyboard.type(b"too late")


async def test_input_that_nobody_takes_does_not_hold_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal holds some input for a program that does not read; then it is enough."""
    monkeypatch.setattr(host_shell, "TYPING_S", 0.2)
    terminal = Terminal("stty raw -echo; echo ready; sleep 60", tmp_path)
    await terminal.until(b"ready")
    with pytest.raises(ToolError, match="takes no input"):
        await terminal.keyboard.type(b"x" * 1_000_000)
    await _cancel(terminal.task)


async def test_a_cancelled_terminal_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither processes nor descriptors."""
    monkeypatch.setattr(host_shell, "GRACE_S", 0.2)
    before = os.dup(0)
    os.close(before)
    terminal = Terminal("sleep 60 & echo $$ $! end; wait", tmp_path)
    await terminal.until(b"end")
    await _cancel(terminal.task)
    assert await _gone([int(pid) for pid in terminal.said.split()[:2]])
    after = os.dup(0)
    os.close(after)
    assert after <= before


async def test_the_process_id_is_told(tmp_path: Path) -> None:
    """As soon as it runs."""
    told: list[int | None] = []
    said = bytearray()
    await HostShell(ENVIRON).run(Command("echo $$", tmp_path, started=told.append), said.extend)
    assert told == [int(said)]


async def _start(line: str, workspace: Path, count: int) -> tuple[asyncio.Task[Exit], list[int]]:
    """A running command that printed `count` process ids, and those ids."""
    said = bytearray()
    printed = asyncio.Event()

    def hear(data: bytes) -> None:
        said.extend(data)
        if said.endswith(b"\n") and len(said.split()) == count:
            printed.set()

    task = asyncio.ensure_future(HostShell(ENVIRON).run(Command(line, workspace), hear))
    async with asyncio.timeout(30):
        await printed.wait()
    return task, [int(word) for word in said.split()]


async def _cancel(task: asyncio.Task[Exit]) -> None:
    task.cancel()
    async with asyncio.timeout(30):
        with pytest.raises(asyncio.CancelledError):
            await task


def _alive(pid: int) -> bool:
    """Whether the process runs; one that only waits for its parent to notice its end does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:  # gone, or a system without /proc, where ps is part of the base
        asked = ["ps", "-o", "stat=", "-p", str(pid)]
        found = shutil.which("ps") and subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
        status = found or "Z"
    return not status.startswith("Z")


async def _gone(pids: list[int]) -> bool:
    """Whether all of them end: a killed process takes a moment to die."""
    async with asyncio.timeout(30):
        while any(_alive(pid) for pid in pids):
            await asyncio.sleep(0.01)
    return True


async def test_cancelling_ends_grandchildren_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole process group goes, not only the shell."""
    monkeypatch.setattr(host_shell, "GRACE_S", 0.2)  # where nobody reaps orphans, the group looks alive until then
    task, pids = await _start("sleep 60 & echo $$ $!; (sleep 60 & echo $!; wait) & wait", tmp_path, 3)
    assert [pid for pid in pids if not _alive(pid)] == []
    await _cancel(task)
    assert await _gone(pids)


async def test_who_ignores_the_polite_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM is a request with a deadline."""
    monkeypatch.setattr(host_shell, "GRACE_S", 0.05)
    task, pids = await _start("trap '' TERM; sleep 60 & echo $$ $!; wait; sleep 60", tmp_path, 2)
    await _cancel(task)
    assert await _gone(pids)


async def test_who_heeds_the_polite_signal_may_clean_up(tmp_path: Path) -> None:
    """A command has time to remove what it made."""
    lock = tmp_path / "lock"
    task, _ = await _start("trap 'rm lock; exit' TERM; touch lock; echo $$; sleep 60 & wait", tmp_path, 1)
    assert lock.exists()
    await _cancel(task)
    assert not lock.exists()


async def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    """Commands that ended and commands that were ended leave nothing behind in the gateway."""
    await run("true", tmp_path)
    highest = os.dup(0)
    os.close(highest)
    for _ in range(5):
        await run("true", tmp_path)
    task, _ = await _start("echo $$; sleep 60", tmp_path, 1)
    await _cancel(task)
    await asyncio.sleep(0)  # a closed transport lets go of its descriptor on the next round of the loop
    after = os.dup(0)
    os.close(after)
    assert after <= highest
