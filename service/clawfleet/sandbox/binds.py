"""Further directories of the host in a sandbox, and which never come in. Decides; sources are resolved before.

Source: tools-and-sessions §5.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from clawfleet.config.models.sandbox import BIND, SandboxDocker
from clawfleet.sandbox.failures import SandboxForbidden

SYSTEM_DIRECTORIES = tuple(
    PurePosixPath(text)
    for text in (
        *("/etc", "/proc", "/sys", "/dev", "/boot", "/run", "/var/run"),
        *("/private/etc", "/private/var/run", "/var/lib/docker", "/var/lib/containerd"),
    )
)
"""Never mounted, nor anything in or above them. `/root` is not here: a root gateway's own workspace lies below it."""

CREDENTIALS = (".aws", ".cargo", ".config", ".docker", ".gnupg", ".netrc", ".npm", ".ssh")
"""In a home directory; neither they nor what is in or above them."""

SOCKETS = ("docker.sock", "containerd.sock", "podman.sock", "crio.sock")
"""Who can talk to a container engine owns the host."""

AGENT_MOUNT = "/agent"
"""Where a read-only workspace appears, beside the container's own working directory."""


@dataclass(frozen=True, slots=True)
class Bind:
    """One entry of `docker.binds`."""

    source: str
    target: str
    writable: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """What is what on the host. Paths have no symlinks; `roots` are where the operator's agents work."""

    state_dir: PurePosixPath
    home: PurePosixPath
    roots: tuple[PurePosixPath, ...]


def read_binds(docker: SandboxDocker) -> tuple[Bind, ...]:
    """The binds of the config, the last one of each target."""
    found: dict[str, Bind] = {}
    for text in docker.binds:
        match = BIND.fullmatch(text)
        assert match is not None  # the config was checked
        target = str(PurePosixPath(match["target"]))
        found[target] = Bind(match["source"], target, match["mode"] != "ro")
    return tuple(found.values())


def check_bind(bind: Bind, docker: SandboxDocker, ground: Ground) -> None:
    """Return when `bind` may come in; its source is resolved. Raises `SandboxForbidden`."""
    source = PurePosixPath(bind.source)
    check_source(source, ground)
    is_known = any(source.is_relative_to(root) for root in ground.roots)
    if not is_known and (source.is_relative_to(ground.state_dir) or _is_some_state(source, ground.home)):
        raise _forbidden(source, "it belongs to a gateway's state directory")
    if source.is_relative_to("/root") and not is_known:
        raise _forbidden(source, "it lies in /root")
    if not is_known and not docker.dangerously_allow_external_bind_sources:
        raise SandboxForbidden(
            f"Sandbox security: mounting {source} is blocked: it is outside the workspace.",
            hint="set sandbox.docker.dangerouslyAllowExternalBindSources where you mean it",
        )
    _check_target(PurePosixPath(bind.target), docker)


def check_source(source: PurePosixPath, ground: Ground) -> None:
    """Return when nothing at, in or above `source` is the system's, a credential or the gateway's own.

    Raises `SandboxForbidden`.
    """
    blocked = (*SYSTEM_DIRECTORIES, *(ground.home / name for name in CREDENTIALS))
    for path in blocked:
        if source.is_relative_to(path) or path.is_relative_to(source):
            raise _forbidden(source, f"it would show {path} to the sandbox")
    if source.name in SOCKETS:
        raise _forbidden(source, "it is the socket of a container engine")
    if ground.state_dir.is_relative_to(source):
        raise _forbidden(source, f"it holds the gateway's state directory {ground.state_dir}")


def _is_some_state(source: PurePosixPath, home: PurePosixPath) -> bool:
    """Whether it is, lies in or holds the usual state directory of any instance of this user."""
    if not source.is_relative_to(home):
        return home.is_relative_to(source)
    inside = source.relative_to(home).parts
    return not inside or inside[0].startswith(".openclaw")


def _check_target(target: PurePosixPath, docker: SandboxDocker) -> None:
    reserved = (docker.workdir, AGENT_MOUNT, "/")
    if ".." in target.parts or str(target) == "/":
        raise SandboxForbidden(f"Sandbox security: {target} is no place for a directory in the sandbox.")
    if str(target) in reserved and not docker.dangerously_allow_reserved_container_targets:
        raise SandboxForbidden(
            f"Sandbox security: the target {target} is reserved for the workspace.",
            hint="mount it elsewhere, or set sandbox.docker.dangerouslyAllowReservedContainerTargets",
        )


def _forbidden(source: PurePosixPath, why: str) -> SandboxForbidden:
    return SandboxForbidden(
        f"Sandbox security: mounting {source} is blocked: {why}.",
        hint="choose a directory of its own: agents.defaults.workspace, or sandbox.docker.binds",
    )
