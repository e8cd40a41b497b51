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
from clawfleet.sandbox.binds import AGENT_MOUNT, Bind, Ground, check_bind, check_source

DEFAULT_PREFIX = "openclaw-sbx-"
NAME_LIMIT = 63
TMPFS_PART = 4
"""A memory mount may fill one part in so many of the container's memory, unless the config gives its size."""


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
    home: PurePosixPath


@dataclass(frozen=True, slots=True)
class Mount:
    """One directory of the host inside the container."""

    source: str
    target: str
    writable: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What a container may use. `ulimits` are (name, soft, hard)."""

    memory: str = "0"
    memory_swap: str | None = None
    cpus: float | None = None
    pids: int | None = None
    ulimits: tuple[tuple[str, int, int], ...] = ()
    gpus: str | None = None


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
    limits: Limits = field(default_factory=Limits)
    security: tuple[str, ...] = ("no-new-privileges",)
    dns: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()

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
            "openclaw.workspaceDir": self.mounts[0].source if self.mounts else "",
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
    docker["env"] = {**defaults.docker.env, **(own.docker.env if "env" in docker else {})}
    docker["binds"] = (*defaults.docker.binds, *own.docker.binds)
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


def mounts_for(
    sandbox: Sandbox, site: Site, key: str, workspace: PurePosixPath, binds: tuple[Bind, ...] = ()
) -> tuple[Mount, ...]:
    """What the container of scope `key` sees of the host; the first mount is its working directory.

    `workspace` and the sources of `binds` have no symlinks. Raises `SandboxForbidden` when one of them is, lies in, or
    holds what no sandbox may see.
    """
    own = str(site.sandbox_root / slug(key))
    workdir = sandbox.docker.workdir
    ground = Ground(site.state_dir, site.home, (workspace, PurePosixPath(own)))
    if sandbox.workspace_access == "none":
        skills = Mount(str(skills_dir(site, key)), f"{workdir}/skills", False)
        mounts: tuple[Mount, ...] = (Mount(own, workdir, True), skills)
    else:
        check_source(workspace, ground)
        if sandbox.workspace_access == "ro":
            mounts = (Mount(own, workdir, False), Mount(str(workspace), AGENT_MOUNT, False))
        else:
            mounts = (Mount(str(workspace), workdir, True),)
    for bind in binds:
        check_bind(bind, sandbox.docker, ground)
    more = {bind.target: Mount(bind.source, bind.target, bind.writable) for bind in binds}
    first = tuple(more.pop(mount.target, mount) for mount in mounts)
    return (*first, *more.values())


def skills_dir(site: Site, key: str) -> PurePosixPath:
    """Where the copies of skills are that the container of scope `key` sees when it does not see the workspace."""
    return site.sandbox_root / ".skills" / slug(key)


def workspace_target(sandbox: Sandbox) -> str | None:
    """Where the agent's workspace appears inside the container; None when it does not."""
    return {"none": None, "ro": AGENT_MOUNT, "rw": sandbox.docker.workdir}[sandbox.workspace_access]


def surroundings(sandbox: Sandbox) -> str:
    """What a model should know of where its tools work."""
    workdir, docker = sandbox.docker.workdir, sandbox.docker
    seen = {
        "none": f"The workspace on the host is not visible there; its skills are in {workdir}/skills.",
        "ro": f"The workspace is at {AGENT_MOUNT}, and cannot be written.",
        "rw": f"{workdir} is the workspace itself.",
    }[sandbox.workspace_access]
    net = "It has no network." if docker.network == "none" else f"Its network is {docker.network}."
    return f"Tools work in a container whose working directory is {workdir}. {seen} {net}"


@dataclass(frozen=True, slots=True)
class Disk:
    """What the host's disk adds to the config: mounts, uid:gid that owns the first, the text of a seccomp profile."""

    mounts: tuple[Mount, ...]
    owner: str
    seccomp: str | None = None


def container_spec(sandbox: Sandbox, site: Site, key: str, disk: Disk) -> ContainerSpec:
    """The container of scope `key`; the owner of the first mount is its user unless one is configured.

    The config has already refused networks that are not the container's own.
    """
    docker = sandbox.docker
    return ContainerSpec(
        name=_name(docker, site.tag, key),
        tag=site.tag,
        scope_key=key,
        image=docker.image,
        workdir=docker.workdir,
        user=docker.user or disk.owner,
        network=docker.network,
        mounts=disk.mounts,
        env={"LANG": "C.UTF-8", **docker.env},
        read_only_root=docker.read_only_root,
        tmpfs=tuple(_bounded(each, docker.memory) for each in docker.tmpfs),
        cap_drop=docker.cap_drop,
        setup_command=docker.setup_command,
        limits=Limits(
            memory=docker.memory,
            memory_swap=docker.memory_swap or (docker.memory if docker.memory != "0" else None),
            cpus=docker.cpus,
            pids=docker.pids_limit,
            ulimits=tuple((name, limit.soft, limit.hard) for name, limit in sorted(docker.ulimits.items())),
            gpus=docker.gpus,
        ),
        security=(
            "no-new-privileges",
            *([f"seccomp={disk.seccomp}"] if disk.seccomp else []),
            *([f"apparmor={docker.apparmor_profile}"] if docker.apparmor_profile else []),
        ),
        dns=docker.dns,
        extra_hosts=docker.extra_hosts,
    )


def _bounded(tmpfs: str, memory: str) -> str:
    """A memory mount with a size: filled up, it must leave the container's processes some of their memory."""
    most = _bytes(memory)
    return tmpfs if ":" in tmpfs or not most else f"{tmpfs}:size={most // TMPFS_PART}"


def _bytes(size: str) -> int:
    """`512m` and the like in bytes; 0 for what is no size."""
    match = re.fullmatch(r"(\d+)([bkmg]?)b?", size.lower())
    return int(match[1]) * 1024 ** "bkmg".index(match[2] or "b") if match else 0


def _name(docker: SandboxDocker, tag: str, key: str) -> str:
    """An explicit prefix is taken as it is; the default one gets the tag, so that two gateways never meet."""
    prefix = (docker.container_prefix or f"{DEFAULT_PREFIX}{tag}-")[: NAME_LIMIT - 8]
    return prefix + slug(key, NAME_LIMIT - len(prefix))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
