"""A toolbox whose exec works in a real container, for the tests of the sandbox."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clawfleet.config.models.root import Config
from clawfleet.core.ids import new_id
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.registry import ToolBox


def docker(*arguments: str) -> str:
    """What the docker command prints; the tests look at containers by another way than the code does."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


class SandboxedAgent:
    """One agent of one gateway; `close()` removes its containers."""

    def __init__(self, home: Path, image: str, **sandbox: Any) -> None:
        self.home = home
        self.workspace = home / "workspace"
        self.workspace.mkdir(parents=True, exist_ok=True)
        self.image = image
        self.instance_id = new_id()
        self.environ = {key: value for key, value in os.environ.items() if key.startswith(("PATH", "DOCKER_", "HOME"))}
        self.toolbox = self.restart(**sandbox)

    def restart(self, **sandbox: Any) -> ToolBox:
        """The same gateway after a restart, perhaps with another config."""
        settings = {"mode": "all", **sandbox, "docker": {"image": self.image, **sandbox.get("docker", {})}}
        config = Config.model_validate({"agents": {"defaults": {"sandbox": settings}}})
        self.toolbox = ToolBox(config=config, instance_id=self.instance_id, state_dir=self.home, environ=self.environ)
        self.tag = self.toolbox._tag
        return self.toolbox

    async def exec(
        self,
        command: str,
        *,
        report: Callable[[str], None] = lambda text: None,
        session: str = "agent:main:main",
        **arguments: object,
    ) -> ToolResult:
        """One exec call of a session, the agent's main one if none is named."""
        tool = self.toolbox.offered("main", session)["exec"]
        context = ToolContext("run", session, "main", self.workspace, "call", report)
        return await tool.run(context, {"command": command, **arguments})

    def containers(self) -> list[str]:
        """Names of this gateway's containers."""
        return docker("ps", "-a", "--filter", f"label=openclaw.instance={self.tag}", "--format", "{{.Names}}").split()

    def container(self) -> dict[str, Any]:
        """Everything Docker knows of the one container there is."""
        (name,) = self.containers()
        (row,) = json.loads(docker("inspect", name))
        found: dict[str, Any] = row
        return found

    def processes(self) -> list[str]:
        """Command lines of what runs in the one container there is, without the ones that keep it alive."""
        (name,) = self.containers()
        lines = docker("top", name, "-eo", "pid,args").splitlines()[1:]
        return [line for line in lines if "sleep infinity" not in line]

    async def close(self) -> None:
        await self.toolbox.close()
        if names := self.containers():
            docker("rm", "-f", "-v", *names)
