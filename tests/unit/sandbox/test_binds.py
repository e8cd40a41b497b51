"""What of the host never comes into a sandbox, however it is asked for."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from clawfleet.config.models.sandbox import SandboxDocker
from clawfleet.sandbox.binds import Bind, Ground, check_bind, read_binds
from clawfleet.sandbox.failures import SandboxForbidden

HOME = PurePosixPath("/home/claw")
GROUND = Ground(HOME / ".openclaw", HOME, (HOME / ".openclaw/workspace", PurePosixPath("/srv/share")))
BOLD = SandboxDocker.model_validate({"dangerouslyAllowExternalBindSources": True})
SHY = SandboxDocker()


def allowed(source: str, docker: SandboxDocker = BOLD, target: str = "/data", ground: Ground = GROUND) -> bool:
    try:
        check_bind(Bind(source, target, True), docker, ground)
    except SandboxForbidden as error:
        assert error.message.startswith("Sandbox security: ")
        return False
    return True


@pytest.mark.parametrize(
    "source",
    [
        *("/", "/etc", "/etc/ssl", "/proc", "/proc/1/root", "/sys", "/dev", "/dev/sda", "/boot", "/run", "/var"),
        *("/run/docker.sock", "/var/run/docker.sock", "/srv/docker.sock", "/srv/containerd.sock", "/var/lib/docker"),
        *("/private/etc", "/home", "/home/claw", "/home/claw/.ssh", "/home/claw/.ssh/id_ed25519", "/home/claw/.aws"),
        *("/home/claw/.config/gh", "/home/claw/.netrc", "/home/claw/.npm", "/home/claw/.docker/config.json"),
        *("/home/claw/.openclaw", "/home/claw/.openclaw/clawfleet", "/home/claw/.openclaw-work/workspace", "/root/x"),
    ],
)
def test_what_no_flag_allows(source: str) -> None:
    """System directories, sockets of engines, credentials, gateways' state: neither they, nor what is in or above."""
    assert not allowed(source)


def test_the_workspace_may_be_shown_elsewhere_too() -> None:
    """It is the operator's choice already, wherever it lies."""
    assert allowed("/srv/share/data", SHY)
    assert allowed("/home/claw/.openclaw/workspace/x", SHY)
    root = Ground(PurePosixPath("/root/.openclaw"), PurePosixPath("/root"), (PurePosixPath("/root/share"),))
    assert allowed("/root/share/data", SHY, ground=root)


def test_other_directories_need_the_flag() -> None:
    assert not allowed("/srv/data", SHY)
    assert allowed("/srv/data")
    assert allowed("/home/claw/projects/x")


def test_the_sandboxs_own_places_need_another_flag() -> None:
    meant = SandboxDocker.model_validate({"dangerouslyAllowReservedContainerTargets": True})
    for target in ("/workspace", "/agent"):
        assert not allowed("/srv/share/x", SHY, target)
        assert allowed("/srv/share/x", meant, target)
    assert allowed("/srv/share/x", SHY, "/workspace/x")
    for target in ("/", "/a/../workspace"):
        assert not allowed("/srv/share/x", meant, target)


def test_a_bind_without_a_mode_is_writable_and_the_last_of_a_target_counts() -> None:
    docker = SandboxDocker.model_validate({"binds": ["/a:/x:ro", "/b:/y", "/c:/x/:rw"]})
    assert read_binds(docker) == (Bind("/c", "/x", True), Bind("/b", "/y", True))
