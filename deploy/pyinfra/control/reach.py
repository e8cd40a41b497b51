"""Runs the scripts of `remote/` on hosts: over ssh, in a container, or here; many at once, secrets on standard input.

The scripts travel with each call, so that they always fit this version: also on a host where nothing lies yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, Protocol

from clawfleet.core.errors import HostError
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.models.host import Connect, System
from clawfleet.fleet.systems import is_rootless, system_of
from layout import REMOTE
from mac_python import with_python
from mends import is_sudo, last_words, mend
from sudo import as_root, prelude

CHEAP_KEYS = ("-o", "KexAlgorithms=^curve25519-sha256")
"""For looks, in which no secret travels: the exchange that withstands quantum computers takes five times as long."""

BOOT = (
    "import json,os,sys\n"
    "from importlib.machinery import ModuleSpec\n"
    "i=os.fdopen(os.dup(0));sys.stdout=os.fdopen(os.dup(1),'w')\n"
    "os.dup2(os.open(os.devnull,os.O_RDONLY),0);os.dup2(2,1)\n"
    "t=json.loads(i.readline())\n"
    "class L:\n"
    " find_spec=staticmethod(lambda n,p=None,m=None:ModuleSpec(n,L) if n in t else None)\n"
    " create_module=staticmethod(lambda s:None)\n"
    " exec_module=staticmethod(lambda m:exec(compile(t[m.__name__],m.__name__+'.py','exec'),m.__dict__))\n"
    "sys.meta_path.insert(0,L)\n"
    "import agent\n"
    "for l in i:\n"
    " o=json.loads(l);agent.main(o['verb'],o['order']);sys.stdout.flush()\n"
)
"""Takes the texts of all scripts in one line, of which it loads what is imported, then answers an order per line.

What a script starts neither reads orders nor writes answers.
"""

CONNECT_TIMEOUT_S = 10
AT_ONCE = 32
SSH_FAILED = 255
LONGEST_LINE = 2**25
CHUNK = 2**18


class HostFailedError(HostError):
    """A host cannot be reached, or what ran there failed. The text names host, step and cause; the hint mends."""

    code = "HOST_FAILED"

    def __init__(self, host: str, step: str, cause: str, hint: str) -> None:
        super().__init__(f"{host}: {step}: {cause}", hint=hint)
        self.host = host
        self.step = step
        self.cause = cause


@dataclass(frozen=True)
class Reach:
    """How one host is reached. `base` is the directory that paths of the fleet file are relative to."""

    host: str
    connect: Connect
    base: Path
    sudo_password: str | None = field(default=None, repr=False)
    system: System = "linux"
    rootless: bool = False

    def command(self, *words: str, terminal: bool = False, root: bool = True) -> list[str]:
        """The local command line that runs `words` on the host, as root unless told otherwise or nothing needs it.

        Its standard input begins with `prelude`. At a terminal sudo asks the person who sits there.
        """
        line = self._as_root(words, terminal=terminal) if root and self._needs_sudo else list(words)
        if self.connect.via == "docker":
            flags = ["-it"] if terminal else ["-i"]
            flags += ["-u", self.connect.user] if self.rootless else []
            return ["docker", "exec", *flags, self.connect.hostname, *line]
        if self.connect.via == "local":
            return line
        flags = ["-t"] if terminal else ["-T"]
        return ["ssh", *flags, *self.ssh_options(), self.connect.hostname, shlex.join(line)]

    @property
    def prelude(self) -> bytes:
        """What the standard input of every command that runs as root begins with."""
        return prelude(self.sudo_password).encode() if self.sudo_password and self._needs_sudo else b""

    @property
    def _needs_sudo(self) -> bool:
        if self.rootless:
            return False
        if self.connect.via == "local":
            return os.geteuid() != 0
        return self.connect.via == "ssh" and self.connect.user != "root"

    def _as_root(self, words: Sequence[str], *, terminal: bool) -> list[str]:
        if not self.sudo_password:
            return ["sudo", "-n", *words]
        return ["sudo", *words] if terminal else as_root(words)

    def ssh_options(self) -> list[str]:
        """What ssh needs to know to reach the host, without its name."""
        connect = self.connect
        options = ["-p", str(connect.port), "-l", connect.user, "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]
        options += ["-o", f"ConnectTimeout={CONNECT_TIMEOUT_S}", "-o", "ServerAliveInterval=15"]
        options += ["-o", f"StrictHostKeyChecking={connect.strict_host_key}"]
        if connect.key:
            options += ["-i", str(self._path(connect.key)), "-o", "IdentitiesOnly=yes"]
        if connect.known_hosts:
            options += ["-o", f"UserKnownHostsFile={self._path(connect.known_hosts)}"]
        return options

    def agent(self) -> list[str]:
        """The command line on the host that takes `scripts` and answers orders."""
        words = ("-I", "-c", BOOT)
        return with_python(*words) if self.system == "darwin" else ["python3", *words]

    async def ask(self, verb: str, order: Any) -> Any:
        """What the verb of `remote/agent.py` answers. Raises HostFailedError."""
        code, out, err = await self.run(self.agent(), scripts() + line(verb, order), looks=verb == "survey")
        try:
            answer = json.loads(out.splitlines()[-1])
            return answer["answer"]
        except (IndexError, ValueError, KeyError, TypeError):
            raise self.failed(verb, code, err or out) from None

    async def run(
        self, words: Sequence[str], stdin: bytes = b"", *, looks: bool = False, root: bool = True
    ) -> tuple[int, str, str]:
        """Exit code and both outputs of a command on the host, as root. Raises HostFailedError when ssh is missing."""
        process = await self.start(words, asyncio.subprocess.PIPE, looks=looks, root=root)
        try:
            out, err = await process.communicate((self.prelude if root else b"") + stdin)
        finally:
            await end(process)
        return process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace")

    async def send(self, path: Path, words: Sequence[str]) -> tuple[int, str]:
        """Exit code and last words of a command on the host, as root, that reads a file of this machine."""
        process = await self.start(words, asyncio.subprocess.STDOUT, looks=False)
        assert process.stdin and process.stdout
        try:
            with contextlib.suppress(ConnectionError), path.open("rb") as file:  # its last words are read below
                process.stdin.write(self.prelude)
                while chunk := file.read(CHUNK):
                    process.stdin.write(chunk)
                    await process.stdin.drain()
            process.stdin.close()
            said = await process.stdout.read()
            return await process.wait(), said.decode(errors="replace")
        finally:
            await end(process)

    async def start(
        self, words: Sequence[str], stderr: int | IO[bytes], *, looks: bool = True, root: bool = True
    ) -> asyncio.subprocess.Process:
        """A command on the host, as root, with its input and output at hand. Raises HostFailedError without ssh."""
        command = self.command(*words, root=root)
        if looks and self.connect.via == "ssh" and not self.prelude:
            command[1:1] = CHEAP_KEYS
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                limit=LONGEST_LINE,
            )
        except FileNotFoundError:
            raise HostFailedError(
                self.host, "connect", f"there is no {command[0]} here", f"install {command[0]}"
            ) from None

    def failed(self, step: str, code: int, said: str) -> HostFailedError:
        """What went wrong, in words that lead to a cure."""
        cause = last_words(said) or f"exit code {code}"
        if is_sudo(said):
            return HostFailedError(self.host, "sudo", cause, mend(said, self.connect.user))
        if "python3" in said and ("not found" in said or code == 127):
            hint = "brew install python@3.12" if self.system == "darwin" else "install python3 on the host"
            return HostFailedError(self.host, "python", cause, hint)
        if self.connect.via == "ssh" and code == SSH_FAILED:
            where = f"ssh -p {self.connect.port} {self.connect.user}@{self.connect.hostname}"
            return HostFailedError(
                self.host, "connect", last_words(said) or "ssh ended without a word", f"try: {where}"
            )
        if self.connect.via == "docker" and "No such container" in said:
            return HostFailedError(self.host, "connect", cause, f"docker start {self.connect.hostname}")
        return HostFailedError(self.host, step, cause, mend(said, self.connect.user))

    def _path(self, given: str) -> Path:
        return self.base / Path(given).expanduser()


async def end(process: asyncio.subprocess.Process) -> None:
    """It runs no more: who waited for it was cancelled, or failed."""
    if process.returncode is None:
        process.kill()
        await process.wait()


@cache
def scripts() -> bytes:
    """The texts of `remote/` by name, as one line."""
    return json.dumps({path.stem: path.read_text(encoding="utf-8") for path in REMOTE.glob("*.py")}).encode() + b"\n"


def line(verb: str, order: Any) -> bytes:
    """An order as the host reads it."""
    return json.dumps({"verb": verb, "order": order}).encode() + b"\n"


def reaches(fleet: Fleet, path: Path, sudo_passwords: Mapping[str, str]) -> dict[str, Reach]:
    """Host name → how it is reached."""
    return {
        name: Reach(
            *(name, host.connect, path.parent, sudo_passwords.get(name)),
            *(system_of(fleet, name), is_rootless(fleet, name)),
        )
        for name, host in fleet.hosts.items()
    }


class Asks(Protocol):
    """A host that can be asked."""

    @property
    def host(self) -> str:
        """Its name in the fleet file."""

    async def ask(self, verb: str, order: Any) -> Any:
        """What a verb answers. Raises HostFailedError."""


async def ask_all(asked: Sequence[tuple[Asks, Any]], verb: str) -> list[Any]:
    """The answers of many hosts in the order asked, at most `AT_ONCE` at a time; a HostFailedError where one failed."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(reach: Asks, order: Any) -> Any:
        async with gate:
            try:
                return await reach.ask(verb, order)
            except HostFailedError as error:
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(reach, order)) for reach, order in asked]
    return [task.result() for task in tasks]
