"""Docker for the sandboxes of a host's gateways: running, open to their users, with the image that they are made of."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from pyinfra import host
from pyinfra.api import FileUploadCommand, FunctionCommand, StringCommand, operation
from pyinfra.api.operation import OperationMeta

from facts.docker import DockerState, GroupState, SandboxImages
from layout import LINUX
from operations.gateways import pending
from operations.users import MANAGER_WAIT_S, made
from sandbox_image import ImageMissingError, WantedImage
from shell import Commands, refuse

GROUP = "docker"
IMAGES = f"{LINUX.root}/images"


@operation()
def running_docker(packages: Sequence[OperationMeta]) -> Commands:
    """Docker answers, now and after a boot."""
    found = host.get_fact(DockerState)
    if found == "running":
        host.noop("Docker runs")
    elif found == "none" and not any(pending(earlier) for earlier in packages):
        yield refuse("there is no Docker on this host: say `docker: {install: true}`, or install it")
    else:
        yield StringCommand("systemctl enable -q --now docker.service && docker version >/dev/null")


@operation()
def docker_user(user: str) -> Commands:
    """The user may use Docker. Who may is as good as root on that host."""
    if user == "root" or host.get_fact(GroupState, user=user, group=GROUP) != "out":
        host.noop(f"{user} may use Docker")
        return
    yield StringCommand(f"usermod -aG {GROUP} {shlex.quote(user)}")
    yield made(f"dockergroup-{user}")


@operation()
def renewed_manager(user: str) -> Commands:
    """The user's service manager knows that the user may use Docker: one that began before does not until it restarts.

    What runs in it stops and starts again with it; gateways that are deployed are then held to the gate.
    """
    if host.get_fact(GroupState, user=user, group=GROUP) != "late":
        host.noop(f"services of {user} may use Docker")
        return
    name = shlex.quote(user)
    yield StringCommand(
        f'uid=$(id -u {name}) && systemctl restart "user@$uid.service" && i=0 && until [ -S "/run/user/$uid/bus" ]; do '
        f"i=$((i+1)); [ $i -le {MANAGER_WAIT_S * 10} ] || exit 1; sleep 0.1; done"
    )


@operation()
def loaded_image(image: WantedImage, order: str) -> Commands:
    """The host has the image under both of its names; it travels only when the host has another one, or none."""
    found = host.get_fact(SandboxImages, order=order, step="before")
    ids: Mapping[str, Any] = found["ids"] if found else {}
    there = ids.get(image.name)
    if there is not None and ids.get(image.version) == there and (not image.ids or there in image.ids):
        host.noop(f"{image.version} is here")
        return
    version, name = shlex.quote(image.version), shlex.quote(image.name)
    yield StringCommand(f"mkdir -p {LINUX.made} && echo {name} > {LINUX.made}/sandbox-image")
    if image.dockerfile:
        build = f"docker build -q --build-arg VERSION={shlex.quote(image.label)} -t {version} -"
        yield StringCommand(build, _stdin=image.dockerfile)
        yield StringCommand(f"docker tag {version} {name}")
        return
    archive = f"{IMAGES}/{image.version.rpartition(':')[2]}.tar"
    yield StringCommand(f"mkdir -p -m 700 {IMAGES}")
    said: list[str] = []
    yield FunctionCommand(_archive, (image, said), {})
    if said:
        yield refuse(said[0])
    yield FileUploadCommand(str(image.archive), archive)
    tag = shlex.quote(image.tag)
    names = f"docker tag {tag} {name} && docker tag {tag} {version}"
    yield StringCommand(f"docker load -q -i {archive} && rm -f {archive} && rmdir {IMAGES} && {names}")


@operation()
def fresh_sandboxes(gateway: str, command: str, order: str) -> Commands:
    """No idle sandbox of the gateway is of an older image; one in use is replaced by the gateway when it is idle."""
    found = host.get_fact(SandboxImages, order=order, step="after")
    if not found or gateway not in found["stale"]:
        host.noop(f"sandboxes of {gateway} are of the image of today")
        return
    yield StringCommand(command)


@operation()
def pruned_images(order: str) -> Commands:
    """Old versions of the image are gone, unless a container needs them."""
    found = host.get_fact(SandboxImages, order=order, step="end")
    if not found or not found["old"]:
        host.noop("no version of the sandbox image is superfluous")
        return
    yield StringCommand(f"docker image rm {shlex.join(found['old'])} >/dev/null")


def _archive(image: WantedImage, said: list[str]) -> None:
    """Runs between two commands of an operation, where pyinfra would hide what is raised."""
    try:
        image.make_archive()
    except ImageMissingError as error:
        said.append(f"{error}; {error.hint}")
    except OSError as error:
        said.append(f"the image cannot be put into an archive here: {error}")
