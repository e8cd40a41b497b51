"""The file system that a session's container sees, worked on inside it: files belong to the container's user, and no
path of the host ever answers for one of the container's. Source: tools-and-sessions §5.2.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from clawfleet.config.models.sandbox import Sandbox
from clawfleet.sandbox.container_shell import NOT_STARTED, ContainerShell
from clawfleet.sandbox.containers import Containers
from clawfleet.sandbox.engine import Execution
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.floor import Ground
from clawfleet.sandbox.spec import workspace_target


class ContainerFloor:
    """What is mounted into the container of one tenant."""

    host: Literal["sandbox"] = "sandbox"

    def __init__(self, containers: Containers, sandbox: Sandbox, shell: ContainerShell) -> None:
        self._containers = containers
        self._sandbox = sandbox
        self._shell = shell

    @property
    def writable(self) -> bool:
        """Not where the workspace is only shown."""
        return self._sandbox.workspace_access != "ro"

    async def ground(self, workspace: Path, *, confined: bool) -> Ground:
        """The mounts; `confined` or not, there is nothing beyond them."""
        spec = await self._shell.spec(workspace)
        roots = tuple((mount.target, mount.writable) for mount in spec.mounts)
        target = workspace_target(self._sandbox)
        return Ground(spec.workdir, roots, spec.workdir, (str(workspace), target) if target else None)

    async def carry(self, workspace: Path, order: str) -> str:
        """The reply of the container's own `file_work`. Raises `SandboxUnavailable`."""
        spec = await self._shell.spec(workspace)
        request = order.encode()
        said = bytearray()
        execution = Execution(
            ("python3", "-I", "-S", "-c", _program()), spec.workdir, {}, stdin=b"%d\n%s" % (len(request), request)
        )
        code = await self._containers.execute(spec, execution, said.extend)
        if code == 0:
            return said.decode()
        if code in (126, 127) and said.startswith(NOT_STARTED):
            raise SandboxUnavailable(
                f"File tools need python3 in the sandbox image; {spec.image} has none.",
                hint="choose an image with python3 (agents.defaults.sandbox.docker.image), or use exec",
            )
        raise SandboxUnavailable(f"The sandbox did not do it: {said[-500:].decode(errors='replace').strip()}")


@cache
def _program() -> str:
    from clawfleet.sandbox import file_work

    return Path(file_work.__file__).read_text(encoding="utf-8")
