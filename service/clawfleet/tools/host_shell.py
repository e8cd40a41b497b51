"""Commands on the gateway's own host: in the agent's workspace, without the gateway's secrets.

The workspace is where a command starts, not a jail; who wants one turns the sandbox on.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import shutil
import signal
import struct
import sys
import termios
from asyncio.subprocess import Process
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clawfleet.core.errors import ToolError
from clawfleet.core.tasks import Tasks
from clawfleet.sandbox.place import COLUMNS, ROWS, Command, Exit, Keyboard, Output
from clawfleet.tools.host_leftovers import LEAD, OWNER

INHERITED = re.compile(r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR")
"""All that a command gets of the gateway's environment; keys and tokens live under other names."""
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
GRACE_S = 2.0
"""Between SIGTERM and SIGKILL."""
DRAIN_S = 1.0
"""How long output is still read when the command ended but something that left its group holds the pipe."""
TYPING_S = 5.0
"""Longest wait for a command to take what is typed."""
CHUNK = 65_536

# A terminal becomes a session's own by a call that only the session can make, between fork and exec. A thread of this
# process may hold any lock at that moment, so a fresh interpreter makes the call.
TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class HostShell:
    """Runs commands on this host. Whatever a command started in its process group ends with it."""

    host: Literal["gateway"] = "gateway"
    scope = "gateway"

    def __init__(self, environ: Mapping[str, str], path_prepend: Sequence[str] = (), *, owner: str = "") -> None:
        """`owner` marks the commands of this process of the gateway: see `host_leftovers`."""
        path = environ.get("PATH") or DEFAULT_PATH
        self._environ = {
            **{key: value for key, value in environ.items() if INHERITED.fullmatch(key)},
            "PATH": ":".join([*path_prepend, path]),
            OWNER: owner,
        }
        self._shell = shutil.which("bash", path=path) or "/bin/sh"
        self._tasks = Tasks()

    @property
    def search_path(self) -> str:
        """The PATH that commands find programs by."""
        return self._environ["PATH"]

    def directory(self, command: Command) -> str:
        """The workspace, or `workdir` below or beside it."""
        return str(command.workspace / (command.workdir or ""))

    async def run(self, command: Command, output: Output) -> Exit:
        """How `command` ended. Cancelled: its whole process group is ended first.

        Raises `ToolError` for a directory that is not there or a command that cannot be started.
        """
        environment = {**self._environ, **command.env, "TERM": "xterm", "OPENCLAW_SHELL": "exec", "OPENCLAW_CLI": "1"}
        directory = self.directory(command)
        if not await asyncio.to_thread(Path(directory).is_dir):
            raise ToolError(f"The working directory does not exist: {directory}")
        with _ends(command.keyboard) as ends:
            process = await self._spawn(command, directory, environment, ends)
            ends.close_child()
            command.started(process.pid)
            work = ends.read_terminal(output) if command.keyboard else _read(os.dup(ends.own), output)
            reading = self._tasks.start(work, name=f"exec output of {process.pid}")
            try:
                code = await process.wait()
                await self._end(process, reading)
            except asyncio.CancelledError:
                await asyncio.shield(self._tasks.start(self._end(process, reading), name=f"end of {process.pid}"))
                raise
            finally:
                reading.cancel()
                await asyncio.wait({reading})
        return Exit(code) if code >= 0 else Exit(None, _signal_name(-code))

    async def _end(self, process: Process, reading: asyncio.Task[None]) -> None:
        """Nothing of the command is left, and its output is read."""
        await _end_group(process)
        await asyncio.wait({reading}, timeout=DRAIN_S)

    async def _spawn(self, command: Command, directory: str, environment: dict[str, str], ends: _Ends) -> Process:
        program = ["/bin/sh", "-c", LEAD, self._shell, "-c", command.line]
        if command.keyboard:
            program = [sys.executable, "-I", "-S", "-c", TAKE_TERMINAL, *program]
        try:
            return await asyncio.create_subprocess_exec(
                *program,
                stdin=ends.child if command.keyboard else asyncio.subprocess.DEVNULL,
                stdout=ends.child,
                stderr=ends.child,
                cwd=directory,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise ToolError(f"The command could not be started: {error}") from error


@dataclass(slots=True)
class _Ends:
    """Both ends of what carries a command's output: a pipe, or a terminal that also carries its input."""

    own: int
    child: int

    def close_child(self) -> None:
        """This process keeps only its own end: the other one is the command's."""
        if self.child >= 0:
            os.close(self.child)
            self.child = -1

    async def read_terminal(self, output: Output) -> None:
        """Hand on everything that arrives until nobody has the terminal open."""
        loop = asyncio.get_running_loop()
        over = asyncio.Event()

        def ready() -> None:
            try:
                data = os.read(self.own, CHUNK)
            except BlockingIOError:
                return
            except OSError:  # how Linux tells that the other end is closed
                data = b""
            if data:
                output(data)
            else:
                loop.remove_reader(self.own)
                over.set()

        loop.add_reader(self.own, ready)
        try:
            await over.wait()
        finally:
            loop.remove_reader(self.own)

    async def type(self, data: bytes) -> None:
        """Send `data` to the terminal. Raises `ToolError` when nobody takes it."""
        rest = memoryview(data)
        try:
            async with asyncio.timeout(TYPING_S):
                while rest:
                    try:
                        rest = rest[os.write(self.own, rest) :]
                    except BlockingIOError:
                        await asyncio.sleep(0.01)
        except (OSError, TimeoutError):
            raise ToolError("The command takes no input.") from None


@contextmanager
def _ends(keyboard: Keyboard | None) -> Iterator[_Ends]:
    """A pipe, or a terminal that `keyboard` types to; all of it closed in the end."""
    if keyboard is None:
        ends = _Ends(*os.pipe())
    else:
        ends = _Ends(*os.openpty())
        os.set_blocking(ends.own, False)
        fcntl.ioctl(ends.child, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        keyboard.plug_in(ends.type)
    try:
        yield ends
    finally:
        if keyboard is not None:
            keyboard.plug_in(None)
        ends.close_child()
        os.close(ends.own)


def _signal_name(number: int) -> str:
    """`SIGKILL`; the number alone for a realtime signal, most of which have no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


async def _read(descriptor: int, output: Output) -> None:
    """Hand on everything that arrives until every writer has closed; closes `descriptor`."""
    stream = asyncio.StreamReader(limit=CHUNK)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(descriptor, "rb", buffering=0)
    )
    try:
        while data := await stream.read(CHUNK):
            output(data)
    finally:
        transport.close()


async def _end_group(process: Process) -> None:
    """SIGTERM to the process group, SIGKILL to what is left of it after `GRACE_S`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + GRACE_S
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
        while loop.time() < deadline:
            await asyncio.sleep(0.02)
            os.killpg(process.pid, 0)
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
