"""Runs the scripts of `remote/` on hosts: over ssh, in a container, or here; many at once, secrets on standard input.

The scripts travel with each call, so that they always fit this version: also on a host where nothing lies yet.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from clawfleet.core.errors import HostError
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.models.host import Connect
from layout import REMOTE
from mends import is_sudo, last_words, mend
from sudo import as_root, prelude

MACHINE = ("places", "systemd_unit", "sockets", "machine")
LOOKING = (*MACHINE, "gate", "kept", "survey", "agent")
SCRIPTS = (
    *(*MACHINE, "gate", "audit", "kept", "gateway_unit"),
    *("obstacles", "deploy_lock", "survey", "verbs", "archives", "removal", "agent"),
)
"""Modules of `remote/`, each after those that it imports; a look at many hosts takes no more than it needs."""

CHEAP_KEYS = ("-o", "KexAlgorithms=^curve25519-sha256")
"""For looks, in which no secret travels: the exchange that withstands quantum computers takes five times as long."""

BOOT = (
    "import json,sys,types\n"
    "o=json.loads(sys.stdin.readline())\n"
    "for n,t in o['modules']:\n"
    " m=types.ModuleType(n);m.__file__=n+'.py';sys.modules[n]=m;exec(compile(t,n+'.py','exec'),m.__dict__)\n"
    "sys.modules['agent'].main(o['verb'],o['order'])\n"
)
CONNECT_TIMEOUT_S = 10
AT_ONCE = 32
SSH_FAILED = 255


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

    def command(self, *words: str, terminal: bool = False, root: bool = True) -> list[str]:
        """The local command line that runs `words` on the host, as root unless told otherwise.

        Its standard input begins with `prelude`. At a terminal sudo asks the person who sits there.
        """
        line = self._as_root(words, terminal=terminal) if root and self._needs_sudo else list(words)
        if self.connect.via == "docker":
            flags = ["-it"] if terminal else ["-i"]
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

    async def ask(self, verb: str, order: Any) -> Any:
        """What the verb of `remote/agent.py` answers. Raises HostFailedError."""
        looks = verb == "survey"
        modules = texts(LOOKING if looks else SCRIPTS)
        sent = json.dumps({"modules": modules, "verb": verb, "order": order}).encode() + b"\n"
        code, out, err = await self.run(["python3", "-I", "-c", BOOT], sent, looks=looks)
        try:
            answer = json.loads(out.splitlines()[-1])
            return answer["answer"]
        except (IndexError, ValueError, KeyError, TypeError):
            raise self.failed(verb, code, err or out) from None

    async def run(self, words: Sequence[str], stdin: bytes = b"", *, looks: bool = False) -> tuple[int, str, str]:
        """Exit code and both outputs of a command on the host, as root. Raises HostFailedError when ssh is missing."""
        line = self.command(*words)
        if looks and self.connect.via == "ssh":
            line[1:1] = CHEAP_KEYS
        try:
            process = await asyncio.create_subprocess_exec(
                *line, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
        except FileNotFoundError:
            raise HostFailedError(self.host, "connect", f"there is no {line[0]} here", f"install {line[0]}") from None
        try:
            out, err = await process.communicate(self.prelude + stdin)
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        return process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace")

    def failed(self, step: str, code: int, said: str) -> HostFailedError:
        """What went wrong, in words that lead to a cure."""
        cause = last_words(said) or f"exit code {code}"
        if is_sudo(said):
            return HostFailedError(self.host, "sudo", cause, mend(said, self.connect.user))
        if "python3" in said and ("not found" in said or code == 127):
            return HostFailedError(self.host, "python", cause, "install python3 on the host")
        if self.connect.via == "ssh" and code == SSH_FAILED:
            where = f"ssh -p {self.connect.port} {self.connect.user}@{self.connect.hostname}"
            return HostFailedError(self.host, "connect", cause, f"try: {where}")
        if self.connect.via == "docker" and "No such container" in said:
            return HostFailedError(self.host, "connect", cause, f"docker start {self.connect.hostname}")
        return HostFailedError(self.host, step, cause, mend(said, self.connect.user))

    def _path(self, given: str) -> Path:
        return self.base / Path(given).expanduser()


@cache
def texts(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Name and text of scripts, read once."""
    return [(name, (REMOTE / f"{name}.py").read_text(encoding="utf-8")) for name in names]


def reaches(fleet: Fleet, path: Path, sudo_passwords: Mapping[str, str]) -> dict[str, Reach]:
    """Host name → how it is reached."""
    return {
        name: Reach(name, host.connect, path.parent, sudo_passwords.get(name)) for name, host in fleet.hosts.items()
    }


async def ask_all(asked: Sequence[tuple[Reach, Any]], verb: str) -> list[Any]:
    """The answers of many hosts in the order asked, at most `AT_ONCE` at a time; a HostFailedError where one failed."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(reach: Reach, order: Any) -> Any:
        async with gate:
            try:
                return await reach.ask(verb, order)
            except HostFailedError as error:
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(reach, order)) for reach, order in asked]
    return [task.result() for task in tasks]
