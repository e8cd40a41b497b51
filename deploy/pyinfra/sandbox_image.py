"""The sandbox image as a host shall have it: from this machine's Docker, from an archive, or built on the host."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clawfleet import __version__
from clawfleet.fleet.features import features_of
from clawfleet.fleet.models.docker import SANDBOX_IMAGE, SandboxImage
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.problems import Problem

HERE = Path(__file__).resolve().parent
DOCKERFILES = (HERE / "sandbox-image" / "Dockerfile", HERE.parents[1] / "sandbox-image" / "Dockerfile")
"""In an installed package, in a checkout."""

MAKE = "make it: make sandbox-image"


class ImageMissingError(Exception):
    """There is no image to bring; the text says why, `hint` what to do."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class WantedImage:
    """`version` is the name with a hash of what it was made from; `ids` what Docker may call it by its content.

    With a `dockerfile` it is built on the host, labelled with `label`; else it comes as a file of `docker save`, which
    calls it `tag`.
    """

    name: str
    version: str
    tag: str
    ids: tuple[str, ...] = ()
    label: str = ""
    dockerfile: str = ""
    saved: Path | None = None
    cache: Path | None = None

    @property
    def archive(self) -> Path:
        """The file that travels; `make_archive` sees to it that it is there."""
        if self.saved is not None:
            return self.saved
        assert self.cache is not None
        return self.cache / f"{self.version.replace('/', '_').replace(':', '-')}-{self.ids[0][-12:]}.tar.gz"

    def make_archive(self) -> None:
        """Takes it from this machine's Docker, unless it is there already. Raises ImageMissingError."""
        if self.saved is not None:
            return
        folder = self.archive.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:  # hosts are worked on at once; one of them makes it
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.archive.exists():
                for old in folder.glob("*.tar.gz"):
                    old.unlink()
                _save(self.tag, self.archive)


def wanted_images(
    fleet: Fleet, linux: Collection[str], base: Path, cache: Path
) -> tuple[dict[str, WantedImage], list[Problem]]:
    """Host → its image, of those in `linux` that shall have one; and why there is none to bring."""
    found: dict[str, WantedImage] = {}
    problems: list[Problem] = []
    known: dict[SandboxImage, WantedImage | None] = {}
    for host in fleet.hosts:
        section = features_of(fleet, host).sandbox
        if section is None or host not in linux:
            continue
        if section not in known:
            try:
                known[section] = wanted_image(section, base, cache)
            except ImageMissingError as error:
                known[section] = None
                problems.append(Problem("sandbox", f"{host}: {error}", error.hint))
        if (image := known[section]) is not None:
            found[host] = image
    return found, problems


def wanted_image(section: SandboxImage, base: Path, cache: Path) -> WantedImage:
    """What a `sandbox` section asks for. Raises ImageMissingError."""
    if section.archive is not None:
        return _archived(section.image, base / Path(section.archive).expanduser())
    if section.build == "host":
        text = _dockerfile()
        if section.image != SANDBOX_IMAGE or text is None:
            raise ImageMissingError(f"it is not known how {section.image} is built", "bring it: sandbox.archive")
        return WantedImage(section.image, version_of(text), version_of(text), label=__version__, dockerfile=text)
    return _own(section.image, cache)


def version_of(dockerfile: str, label: str = __version__) -> str:
    """The image's name with the hash that sandbox-image/build.sh gives it."""
    text = f"VERSION={label}\n{dockerfile}"
    return f"{SANDBOX_IMAGE}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _own(name: str, cache: Path) -> WantedImage:
    """This machine's own image."""
    if shutil.which("docker") is None:
        hint = (
            'install Docker here, or say `sandbox: {build: "host"}`, or name what `docker save` wrote: sandbox.archive'
        )
        raise ImageMissingError(f"{name} comes from this machine's Docker, and there is none", hint)
    text = _dockerfile() if name == SANDBOX_IMAGE else None
    wanted = version_of(text) if text is not None else name
    done = subprocess.run(["docker", "image", "inspect", wanted], capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        is_missing = "No such image" in done.stderr
        hint = (
            MAKE if name == SANDBOX_IMAGE and is_missing else f"bring it here, or look: docker image inspect {wanted}"
        )
        raise ImageMissingError(f"{wanted} is not here ({said[-1] if said else 'docker says nothing'})", hint)
    (row,) = json.loads(done.stdout)
    version = wanted if text is not None else _version(name, row["Id"], row.get("RepoTags") or ())
    return WantedImage(name, version, wanted, (row["Id"],), cache=cache)


def _archived(name: str, path: Path) -> WantedImage:
    """What a file of `docker save` holds, read without Docker. Its id depends on how an engine stores images."""
    hint = f"write it where the image is: docker save {name} | gzip > {path.name}"
    try:
        with tarfile.open(path, "r:*") as tar:
            texts = {item: _member(tar, item) for item in ("manifest.json", "index.json")}
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:  # missing, cut off, no JSON in it, no archive
        raise ImageMissingError(f"{path} cannot be read: {error}", hint) from None
    rows: Sequence[Mapping[str, Any]] = texts["manifest.json"] or ()
    row = next((each for each in rows if name in (each.get("RepoTags") or ())), None)
    if row is None:
        raise ImageMissingError(f"{path} does not hold {name}", hint)
    digest = str(row["Config"]).rpartition("/")[2].removesuffix(".json")
    index = texts["index.json"] or {}
    others = tuple(str(each["digest"]) for each in index.get("manifests", ()))
    return WantedImage(name, _version(name, digest, row["RepoTags"]), name, (f"sha256:{digest}", *others), saved=path)


def _member(tar: tarfile.TarFile, name: str) -> Any:
    try:
        file = tar.extractfile(name)
    except KeyError:
        return None
    return json.load(file) if file else None


def _version(name: str, image_id: str, tags: Sequence[str]) -> str:
    """The tag that says the content, among those that the image has; else one made of its id."""
    return next((tag for tag in tags if tag.startswith(f"{name}-")), f"{name}-{image_id.removeprefix('sha256:')[:12]}")


def _dockerfile() -> str | None:
    return next((path.read_text(encoding="utf-8") for path in DOCKERFILES if path.is_file()), None)


def _save(tag: str, path: Path) -> None:
    """`docker save`, packed fast, in one step; nothing of it stays when it fails, as on a full disk."""
    fresh = path.with_suffix(f".{os.getpid()}")
    try:
        with subprocess.Popen(["docker", "save", tag], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            with gzip.open(fresh, "wb", compresslevel=1) as file:
                shutil.copyfileobj(process.stdout, file, 1 << 20)
        if process.returncode:
            raise ImageMissingError(f"docker save {tag} failed", "look at this machine's Docker")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
