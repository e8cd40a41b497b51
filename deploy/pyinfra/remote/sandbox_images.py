"""Runs on a host, as root: versions of the sandbox image, and which gateways still have containers of an older one.

    sandbox_images.py look ORDER    order and answer as JSON

Order: `image` (name:tag), `keep`, `gateways` with `name` and the `places` that their containers work in. Standard
library only.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

IDLE_PROCESSES = 2
"""What runs in a container that nobody uses: Docker's init, and the process that it keeps."""


def look(order: dict[str, Any]) -> dict[str, Any]:
    """`ids`: tag → image id; `old`: tags that may go, oldest last; `stale`: gateways whose idle containers are old."""
    tags = versions(order["image"])
    ids = {tag: found for tag, found, _ in tags}
    containers = sandboxes()
    used = {row["image"] for row in containers}
    hashed = [(tag, found) for tag, found, _ in tags if tag != order["image"]]
    spare = [tag for tag, found in hashed[order["keep"] :] if found not in used and found != ids.get(order["image"])]
    return {"ids": ids, "old": spare, "stale": stale(order, containers, ids.get(order["image"]))}


def versions(image: str) -> list[tuple[str, str, str]]:
    """(name:tag, id, made at) of the image and of its versions by content, newest first."""
    name, _, tag = image.rpartition(":")
    form = "{{.Repository}}:{{.Tag}}\t{{.ID}}\t{{.CreatedAt}}"
    lines = docker("image", "ls", "--no-trunc", "--format", form, name).splitlines()
    rows = [tuple(line.split("\t")) for line in lines]
    is_version = re.compile(rf"{re.escape(name)}:{re.escape(tag)}(-[0-9a-f]{{12}})?")
    mine = [(row[0], row[1], row[2]) for row in rows if is_version.fullmatch(row[0])]
    return sorted(mine, key=lambda row: row[2], reverse=True)


def sandboxes() -> list[dict[str, Any]]:
    """Every container of a gateway on this host."""
    names = docker("ps", "-aq", "--filter", "label=openclaw.sandbox=1").split()
    if not names:
        return []
    found = json.loads(docker("inspect", *names) or "[]")
    return [
        {
            "id": row["Id"],
            "name": row["Config"]["Image"],
            "image": row["Image"],
            "running": row["State"]["Running"],
            "place": row["Config"]["Labels"].get("openclaw.workspaceDir", ""),
        }
        for row in found
    ]


def stale(order: dict[str, Any], containers: list[dict[str, Any]], now: str | None) -> list[str]:
    """Gateways with a container of an older image, unless something runs in one: the gateway replaces that itself."""
    found = []
    for gateway in order["gateways"]:
        mine = [row for row in containers if row["name"] == order["image"] and is_of(row["place"], gateway["places"])]
        if any(row["image"] != now for row in mine) and not any(is_busy(row) for row in mine):
            found.append(gateway["name"])
    return found


def is_of(place: str, places: list[str]) -> bool:
    """Whether a working directory is one of these places or lies in it."""
    return any(place == each or place.startswith(f"{each}/") for each in places)


def is_busy(row: dict[str, Any]) -> bool:
    """Whether more runs in the container than keeps it."""
    return bool(row["running"]) and len(docker("top", row["id"], "-eo", "pid").splitlines()) - 1 > IDLE_PROCESSES


def docker(*words: str) -> str:
    """Its output; empty when it fails."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    print(json.dumps(look(json.loads(sys.argv[2]))))
