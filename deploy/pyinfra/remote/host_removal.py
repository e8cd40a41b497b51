"""Runs on a host, as root: takes back what the fleet asked of the host itself, with its last gateway.

Standard library only. Source: deploy §10.
"""

from __future__ import annotations

import re
import shutil
import subprocess

import features
from places import MADE

PACKAGES = MADE / "packages"
DOCKER_DATA = ("/var/lib/docker", "/var/lib/containerd", "/etc/docker")
SANDBOX_IMAGE = MADE / "sandbox-image"


def undo(*, purge: bool) -> list[str]:
    """Firewall, ssh, journal and updates are as before, images and group memberships gone; what stays, and why.

    Packages go with `purge` only, and only when nothing else came to need them.
    """
    stays = features.undo()
    stays += remove_images()
    for mark in sorted(MADE.glob("dockergroup-*")):
        user = mark.name.partition("-")[2]
        subprocess.run(["gpasswd", "-d", user, "docker"], capture_output=True, check=False)
        mark.unlink()
    return stays + remove_packages(purge=purge)


def remove_images() -> list[str]:
    """The versions of the sandbox image that the fleet brought are gone, unless somebody's container needs one."""
    if not SANDBOX_IMAGE.exists():
        return []
    name, _, tag = SANDBOX_IMAGE.read_text(encoding="utf-8").strip().rpartition(":")
    is_version = re.compile(rf"{re.escape(name)}:{re.escape(tag)}(-[0-9a-f]{{12}})?")
    tags = output("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", name).split()
    failed = [each for each in tags if is_version.fullmatch(each) and not succeeds("docker", "image", "rm", each)]
    if not failed:
        SANDBOX_IMAGE.unlink()
    return [f"image {each}, which a container needs" for each in failed]


def remove_packages(*, purge: bool) -> list[str]:
    """What was installed for features and with them, if apt takes nothing else along."""
    if not PACKAGES.exists():
        return []
    names = sorted(set(PACKAGES.read_text(encoding="utf-8").split()))
    told = [f"packages {' '.join(names)}"]
    if not purge or shutil.which("apt-get") is None:
        return told
    if "docker.io" in names and (left := docker_left()):
        return [f"{told[0]}: Docker has {left}"]
    would = re.findall(r"^(?:Remv|Purg) (\S+)", output("apt-get", "-s", "purge", *names), re.MULTILINE)
    others = sorted(set(would) - set(names))
    if others:
        return [f"{told[0]}: {', '.join(others)} would go with them"]
    if not succeeds("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q", "purge", *names):
        return told
    if "docker.io" in names:
        for place in DOCKER_DATA:
            shutil.rmtree(place, ignore_errors=True)
    PACKAGES.unlink()
    return []


def docker_left() -> str:
    """What somebody else keeps in Docker; empty when there is nothing."""
    kinds = {"containers": ["ps", "-aq"], "images": ["images", "-q"], "volumes": ["volume", "ls", "-q"]}
    return next((what for what, words in kinds.items() if output("docker", *words).strip()), "")


def succeeds(*words: str) -> bool:
    """Whether the command ends with 0."""
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def output(*words: str) -> str:
    """What a command prints; empty where there is none."""
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""
