"""Commands in the sandbox: the same `Place` as the host's shell, inside the container of the session's scope."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from clawfleet.config.models.sandbox import Sandbox
from clawfleet.core.errors import ToolError
from clawfleet.sandbox.containers import Containers
from clawfleet.sandbox.copies import refresh_skills
from clawfleet.sandbox.directories import prepare, read_profile, resolved_binds
from clawfleet.sandbox.engine import Execution
from clawfleet.sandbox.failures import SandboxForbidden, SandboxUnavailable
from clawfleet.sandbox.place import COLUMNS, ROWS, Command, Exit, Output
from clawfleet.sandbox.spec import (
    ContainerSpec,
    Disk,
    Mount,
    Site,
    Tenant,
    container_spec,
    mounts_for,
    scope_key,
    skills_dir,
    workspace_target,
)

log = logging.getLogger("clawfleet.sandbox")

KILLED = 137
"""The exit code of a shell whose command got SIGKILL."""
OOM_COUNT = ("/bin/sh", "-c", "cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null")
"""Where the kernel counts it: cgroup v2 and v1."""
MERGE = "exec 2>&1; "
"""Docker carries two streams and loses their order between them; one stream keeps it."""
# What a command left running in its process group ends with it, as on the host; this shell itself is not meant.
END_GROUP = '/bin/sh -lc "$0"; code=$?; trap "" TERM; kill -TERM 0; exit "$code"'
# Docker can size a terminal only when a program runs on it already, which may have asked by then.
SIZE = f"stty rows {ROWS} cols {COLUMNS} 2>/dev/null; "
PREPEND = 'export PATH="${OPENCLAW_PREPEND_PATH}:$PATH"; unset OPENCLAW_PREPEND_PATH; '
NOT_STARTED = b"OCI runtime exec failed"
"""How Docker reports, in the place of output, that a program never began."""


class ContainerShell:
    """Runs commands of one tenant in its container; the host's environment never gets in."""

    host: Literal["sandbox"] = "sandbox"

    def __init__(
        self,
        containers: Containers,
        sandbox: Sandbox,
        site: Site,
        tenant: Tenant,
        path_prepend: Sequence[str] = (),
    ) -> None:
        self._containers = containers
        self._sandbox = sandbox
        self._site = site
        self._key = scope_key(sandbox.scope, tenant)
        self._path_prepend = ":".join(path_prepend)
        self._has_skills = False
        self.scope = f"sandbox:{self._key}"

    def directory(self, command: Command) -> str:
        """The container's working directory or one below it; a path in the host's workspace is translated."""
        home = PurePosixPath(self._sandbox.docker.workdir)
        asked = PurePosixPath(command.workdir or "")
        workspace = PurePosixPath(command.workspace)
        target = workspace_target(self._sandbox)
        if target and asked.is_relative_to(workspace):
            return str(PurePosixPath(target) / asked.relative_to(workspace))
        return str(home / asked)

    async def run(self, command: Command, output: Output) -> Exit:
        """How `command` ended. Raises `SandboxUnavailable` or `SandboxForbidden`; never runs on the host instead."""
        spec = await self.spec(command.workspace)
        env = {"HOME": spec.workdir, **command.env, "OPENCLAW_SHELL": "exec"}
        line = (SIZE if command.keyboard else MERGE) + command.line
        # A login shell sets PATH anew: what is to come first goes round it.
        if first := ":".join(part for part in (self._path_prepend, env.pop("PATH", "")) if part):
            env["OPENCLAW_PREPEND_PATH"] = first
            line = PREPEND + line
        if command.keyboard:
            env.setdefault("TERM", "xterm")
        directory = self.directory(command)
        head = bytearray()

        def watched(data: bytes) -> None:
            head.extend(data[: max(0, 1_000 - len(head))])
            output(data)

        execution = Execution(
            ("/bin/sh", "-c", END_GROUP, line),
            directory,
            env,
            keyboard=command.keyboard,
            started=lambda: command.started(None),
        )
        code = await self._containers.execute(spec, execution, watched)
        if code in (126, 127) and head.startswith(NOT_STARTED):
            raise _not_started(directory, head.decode(errors="replace").strip())
        if code == KILLED and await self._ran_out_of_memory(spec):
            words = "a command in sandbox container %s was killed: it needed more than %s of memory"
            log.warning(words, spec.name, spec.limits.memory)
            output(f"\n[killed: the sandbox has {spec.limits.memory} of memory]\n".encode())
        return Exit(code)

    async def _ran_out_of_memory(self, spec: ContainerSpec) -> bool:
        """Whether the kernel ended something in the container for want of memory."""
        said = bytearray()
        await self._containers.execute(spec, Execution(OOM_COUNT, "/", {}), said.extend)
        return re.search(rb"oom_kill [1-9]", said) is not None

    async def spec(self, workspace: Path) -> ContainerSpec:
        """The container that commands for `workspace` run in; its directories are there."""
        try:
            return await asyncio.to_thread(self._spec, workspace)
        except SandboxForbidden as error:
            log.warning("refused a sandbox for %s: %s", self._key, error.message)
            raise

    def _copy_skills(self, mounts: tuple[Mount, ...], workspace: Path) -> None:
        """Once for each turn. What all agents share has the skills of all only."""
        copies = skills_dir(self._site, self._key)
        if self._has_skills or all(mount.source != str(copies) for mount in mounts):
            return
        self._has_skills = True
        managed = Path(self._site.state_dir) / "skills"
        refresh_skills(Path(copies), (managed,) if self._key == "shared" else (workspace / "skills", managed))

    def _spec(self, workspace: Path) -> ContainerSpec:
        docker = self._sandbox.docker
        home = PurePosixPath(workspace.resolve())
        mounts = mounts_for(self._sandbox, self._site, self._key, home, resolved_binds(docker))
        first_files = None if self._key == "shared" else workspace
        owner = prepare(mounts, Path(self._site.sandbox_root), docker.user, first_files)
        self._copy_skills(mounts, workspace)
        seccomp = read_profile(docker.seccomp_profile) if docker.seccomp_profile else None
        return container_spec(self._sandbox, self._site, self._key, Disk(mounts, owner, seccomp))


def _not_started(directory: str, said: str) -> ToolError:
    if "chdir to cwd" in said:
        return ToolError(f"The working directory does not exist in the sandbox: {directory}")
    return SandboxUnavailable(f"The command could not be started in the sandbox: {said}")
