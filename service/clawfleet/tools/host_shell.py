"""Commands on the gateway's own host: in the agent's workspace, without the gateway's secrets.

The workspace is where a command starts, not a jail; who wants one turns the sandbox on.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from clawfleet.core.errors import ToolError
from clawfleet.core.tasks import Tasks
from clawfleet.sandbox.place import Command, Exit, Output

INHERITED = re.compile(r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR")
"""All that a command gets of the gateway's environment; keys and tokens live under other names."""
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
GRACE_S = 2.0
"""Between SIGTERM and SIGKILL."""
DRAIN_S = 1.0
"""How long output is still read when the command ended but something it left behind holds the pipe."""
CHUNK = 65_536


class HostShell:
    """Runs commands on this host. A command that ends by itself may leave processes behind, as in any shell."""

    host: Literal["gateway"] = "gateway"
    scope = "gateway"

    def __init__(self, environ: Mapping[str, str], path_prepend: Sequence[str] = ()) -> None:
        path = environ.get("PATH") or DEFAULT_PATH
        self._environ = {
            **{key: value for key, value in environ.items() if INHERITED.fullmatch(key)},
            "PATH": ":".join([*path_prepend, path]),
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
        receiving, sending = os.pipe()
        try:
            process = await self._spawn(command.line, directory, environment, sending)
        except BaseException:
            os.close(receiving)
            raise
        finally:
            os.close(sending)
        reading = self._tasks.start(_read(receiving, output), name=f"exec output of {process.pid}")
        try:
            code = await process.wait()
            await asyncio.wait({reading}, timeout=DRAIN_S)
        except asyncio.CancelledError:
            await asyncio.shield(self._tasks.start(_end_group(process), name=f"end of {process.pid}"))
            await asyncio.wait({reading}, timeout=DRAIN_S)
            raise
        finally:
            reading.cancel()
        return Exit(code) if code >= 0 else Exit(None, _signal_name(-code))

    async def _spawn(self, line: str, directory: str, environment: dict[str, str], out: int) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                self._shell,
                "-c",
                line,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=directory,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise ToolError(f"The command could not be started: {error}") from error


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
