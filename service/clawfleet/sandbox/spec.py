"""From the config to the exact settings of one container; decides everything, does nothing.

Defaults are closed: no network, read-only root, no capabilities, no new privileges, no environment of the host.
Source: tools-and-sessions §5.1 and §5.2.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from clawfleet.config.models.agents import Agents
from clawfleet.config.models.sandbox import Sandbox, SandboxDocker
from clawfleet.sandbox.failures import SandboxForbidden

DEFAULT_PREFIX = "openclaw-sbx-"
NAME_LIMIT = 63
AGENT_MOUNT = "/agent"
"""Where a read-only workspace appears, beside the container's own working directory."""

SYSTEM_DIRECTORIES = tuple(
    PurePosixPath(text)
    for text in ("/etc", "/proc", "/sys", "/dev", "/boot", "/run", "/var/run", "/private/etc", "/private/var/run")
)
"""Never mounted, nor anything in or above them. `/root` is not here: a root gateway's own workspace lies below it."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """Whose commands run."""

    agent_id: str
    session_key: str


@dataclass(frozen=True, slots=True)
class Site:
    """This gateway on its host. `tag` tells its containers from those of another gateway; paths have no symlinks."""

    tag: str
    state_dir: PurePosixPath
    sandbox_root: PurePosixPath


@dataclass(frozen=True, slots=True)
class Mount:
    """One directory of the host inside the container."""

    source: str
    target: str
    writable: bool


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """Everything one container is made from. `env` may hold secrets and stays out of reprs."""

    name: str
    tag: str
    scope_key: str
    image: str
    workdir: str
    user: str
    network: str
    mounts: tuple[Mount, ...]
    env: Mapping[str, str] = field(repr=False)
    read_only_root: bool = True
    tmpfs: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ("ALL",)
    setup_command: str | None = None
    memory: str | None = None
    memory_swap: str | None = None
    cpus: float | None = None
    pids_limit: int | None = None

    @property
    def config_hash(self) -> str:
        """SHA-256 over every setting: another hash means the container is not what the config asks for."""
        return _digest(asdict(self))

    @property
    def mount_hash(self) -> str:
        """SHA-256 over the mounts alone: another hash means the files inside are not the ones asked for."""
        return _digest([asdict(mount) for mount in self.mounts])

    @property
    def labels(self) -> dict[str, str]:
        """How the container is found again, and known to be ours and current."""
        return {
            "openclaw.sandbox": "1",
            "openclaw.instance": self.tag,
            "openclaw.sessionKey": self.scope_key,
            "openclaw.configHash": self.config_hash,
            "openclaw.mountHash": self.mount_hash,
        }


def settings_for(agents: Agents, agent_id: str) -> Sandbox:
    """The sandbox settings of one agent: its own keys win one by one over the defaults.

    Of an agent whose sandbox scope is `shared`, docker and prune settings are the defaults': one container, one truth.
    """
    defaults = agents.defaults.sandbox
    entry = agents.entries.get(agent_id)
    own = entry.sandbox if entry else None
    if own is None:
        return defaults
    merged = defaults.model_copy(update={key: getattr(own, key) for key in own.model_fields_set - {"docker", "prune"}})
    if merged.scope == "shared":
        return merged
    docker = {key: getattr(own.docker, key) for key in own.docker.model_fields_set}
    if "env" in docker:
        docker["env"] = {**defaults.docker.env, **own.docker.env}
    prune = {key: getattr(own.prune, key) for key in own.prune.model_fields_set}
    return merged.model_copy(
        update={
            "docker": defaults.docker.model_copy(update=docker),
            "prune": defaults.prune.model_copy(update=prune),
        }
    )


def is_sandboxed(mode: Literal["off", "non-main", "all"], tenant: Tenant) -> bool:
    """Whether this session's tools run in a container; `non-main` spares `agent:<id>:main` only."""
    if mode == "non-main":
        return tenant.session_key != f"agent:{tenant.agent_id}:main"
    return mode == "all"


def scope_key(scope: Literal["session", "agent", "shared"], tenant: Tenant) -> str:
    """What shares one container: the session key, `agent:<id>`, or `shared`."""
    return {"session": tenant.session_key, "agent": f"agent:{tenant.agent_id}", "shared": "shared"}[scope]


def agent_of(key: str) -> str:
    """The id of the agent whose scope key this is; empty for the shared one."""
    kind, _, rest = key.partition(":")
    return rest.partition(":")[0] if kind == "agent" else ""


def slug(key: str, limit: int = 41) -> str:
    """A scope key as part of a container or directory name: readable, at most `limit` long, unlike any other key's."""
    if key == "shared":
        return key
    words = re.sub(r"[^a-z0-9._-]+", "-", key.lower())[: max(0, min(32, limit - 9))]
    return f"{words}-{hashlib.sha256(key.encode()).hexdigest()[:8]}".lstrip("-.")


def instance_tag(instance_id: str, state_dir: PurePosixPath) -> str:
    """Eight hex digits that stand for one gateway in names and labels; a copied state dir is another gateway."""
    return hashlib.sha256(f"{instance_id}\n{state_dir}".encode()).hexdigest()[:8]


def mounts_for(sandbox: Sandbox, site: Site, key: str, workspace: PurePosixPath) -> tuple[Mount, ...]:
    """What the container of scope `key` sees of the host; the first mount is its working directory.

    Raises `SandboxForbidden` when the workspace is, lies in, or holds a directory that no sandbox may see.
    """
    own = str(site.sandbox_root / slug(key))
    workdir = sandbox.docker.workdir
    if sandbox.workspace_access == "none":
        return (Mount(own, workdir, True),)
    _refuse_source(workspace, site.state_dir)
    if sandbox.workspace_access == "ro":
        return (Mount(own, workdir, False), Mount(str(workspace), AGENT_MOUNT, False))
    return (Mount(str(workspace), workdir, True),)


def workspace_target(sandbox: Sandbox) -> str | None:
    """Where the agent's workspace appears inside the container; None when it does not."""
    return {"none": None, "ro": AGENT_MOUNT, "rw": sandbox.docker.workdir}[sandbox.workspace_access]


def surroundings(sandbox: Sandbox) -> str:
    """What a model should know of where its tools work."""
    workdir, docker = sandbox.docker.workdir, sandbox.docker
    seen = {
        "none": "The workspace on the host is not visible there.",
        "ro": f"The workspace is at {AGENT_MOUNT}, and cannot be written.",
        "rw": f"{workdir} is the workspace itself.",
    }[sandbox.workspace_access]
    net = "It has no network." if docker.network == "none" else f"Its network is {docker.network}."
    return f"Tools work in a container whose working directory is {workdir}. {seen} {net}"


def container_spec(sandbox: Sandbox, site: Site, key: str, mounts: tuple[Mount, ...], owner: str) -> ContainerSpec:
    """The container of scope `key`; `owner` is uid:gid of the first mount and the user unless one is configured.

    The config has already refused networks that are not the container's own.
    """
    docker = sandbox.docker
    return ContainerSpec(
        name=_name(docker, site.tag, key),
        tag=site.tag,
        scope_key=key,
        image=docker.image,
        workdir=docker.workdir,
        user=docker.user or owner,
        network=docker.network,
        mounts=mounts,
        env={"LANG": "C.UTF-8", **docker.env},
        read_only_root=docker.read_only_root,
        tmpfs=docker.tmpfs,
        cap_drop=docker.cap_drop,
        setup_command=docker.setup_command,
        memory=docker.memory,
        memory_swap=docker.memory_swap,
        cpus=docker.cpus,
        pids_limit=docker.pids_limit,
    )


def _name(docker: SandboxDocker, tag: str, key: str) -> str:
    """An explicit prefix is taken as it is; the default one gets the tag, so that two gateways never meet."""
    prefix = (docker.container_prefix or f"{DEFAULT_PREFIX}{tag}-")[: NAME_LIMIT - 8]
    return prefix + slug(key, NAME_LIMIT - len(prefix))


def _refuse_source(source: PurePosixPath, state_dir: PurePosixPath) -> None:
    """A mounted directory must not be in, be, or hold a system directory, nor hold the gateway's own secrets."""
    for blocked in SYSTEM_DIRECTORIES:
        if source.is_relative_to(blocked) or blocked.is_relative_to(source):
            raise SandboxForbidden(
                f"Sandbox security: mounting {source} is blocked: it would show {blocked} to the sandbox.",
                hint="choose a workspace of its own: agents.defaults.workspace",
            )
    if state_dir.is_relative_to(source):
        raise SandboxForbidden(
            f"Sandbox security: mounting {source} is blocked: it holds the gateway's state directory {state_dir}.",
            hint='choose a workspace of its own (agents.defaults.workspace), or workspaceAccess "none"',
        )


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
