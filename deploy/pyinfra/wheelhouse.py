"""The wheelhouse: every wheel that a gateway needs, in one archive named after its content.

`python wheelhouse.py DIR [PLATFORM PY]` writes the manifest and the archive for the wheels that lie in DIR.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import re
import shutil
import sys
import tarfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from clawfleet.fleet.problems import FleetInvalidError, Problem

MANIFEST = "manifest.json"
REQUIREMENTS = "requirements.txt"
KEPT = 5
"""How many former releases stay beside the newest."""


@dataclass(frozen=True, slots=True)
class Wheelhouse:
    """What an archive holds and which hosts can use it. `directory` is where it lies, known once it was read."""

    version: str
    python: str
    machine: str
    archive: str
    sha256: str
    digest: str
    system: str = "Linux"
    directory: Path = field(default=Path(), compare=False)

    @property
    def platform(self) -> str:
        """What a host has to have: `3.12 Darwin arm64`."""
        return f"{self.python} {self.system} {self.machine}"

    @property
    def release(self) -> str:
        """Directory name of the release: version and content."""
        return f"{self.version}-{self.digest[:8]}"


def read_wheelhouse(directory: Path) -> Wheelhouse:
    """The wheelhouse in `directory`. Raises FleetInvalidError when there is none or its archive is damaged."""
    found = read_manifest(directory)
    archive = directory / found.archive
    if not archive.is_file() or sha256(archive.read_bytes()) != found.sha256:
        raise _unusable(directory, f"{archive} is missing or differs from its manifest")
    return found


def read_manifest(directory: Path) -> Wheelhouse:
    """What the manifest in `directory` says, the archive not looked at. Raises FleetInvalidError."""
    manifest = directory / MANIFEST
    if not manifest.is_file():
        raise _unusable(directory, f"{manifest} does not exist")
    return Wheelhouse(**json.loads(manifest.read_text(encoding="utf-8")), directory=directory)


def write_wheelhouse(directory: Path, target: str = "", python: str = "") -> Wheelhouse:
    """Packs the wheels of `directory`. The same wheels always give the same release name and the same bytes.

    They are for this machine, or for `target`, as pip calls it (`macosx_14_0_arm64`), and that version of Python.
    Another release that was packed there is kept in a directory of its own below: a gateway may still want it.
    """
    wheels = sorted(directory.glob("*.whl"))
    names = {wheel: wheel.name.split("-")[:2] for wheel in wheels}
    version = next(version for name, version in names.values() if name == "clawfleet")
    lines = [
        f"{name.replace('_', '-')}=={version} --hash=sha256:{sha256(wheel.read_bytes())}"
        for wheel, (name, version) in names.items()
    ]
    requirements = "\n".join(lines) + "\n"
    (directory / REQUIREMENTS).write_text(requirements, encoding="utf-8")
    digest = sha256(requirements.encode())
    archive = f"clawfleet-{version}-{digest[:8]}.tar"
    _put_aside(directory, f"{version}-{digest[:8]}")
    for old in directory.glob("clawfleet-*.tar"):
        old.unlink()
    (directory / archive).write_bytes(_packed([*wheels, directory / REQUIREMENTS]))
    made = Wheelhouse(
        version=version,
        python=python or f"{sys.version_info.major}.{sys.version_info.minor}",
        machine=machine_of(target) if target else platform.machine(),
        system=("Darwin" if target.startswith("macosx") else "Linux") if target else platform.system(),
        archive=archive,
        sha256=sha256((directory / archive).read_bytes()),
        digest=digest,
        directory=directory,
    )
    told = {name: value for name, value in asdict(made).items() if name != "directory"}
    (directory / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return made


def _put_aside(directory: Path, release: str) -> None:
    """Moves archive and manifest of a release that is not `release` below; the newest `KEPT` stay there."""
    if not (directory / MANIFEST).is_file() or (former := read_manifest(directory)).release == release:
        return
    if (directory / former.archive).is_file():
        aside = directory / former.release
        aside.mkdir(exist_ok=True)
        for name in (former.archive, MANIFEST):
            (directory / name).replace(aside / name)
    ours = [path for path in directory.glob(f"*/{MANIFEST}") if read_manifest(path.parent).release == path.parent.name]
    kept = sorted(ours, key=lambda path: path.stat().st_mtime)
    for manifest in kept[:-KEPT]:
        shutil.rmtree(manifest.parent)


def machine_of(target: str) -> str:
    """The machine of a platform as pip calls it: `manylinux_2_28_x86_64` is `x86_64`."""
    found = re.search(r"(arm64|aarch64|x86_64)$", target)
    if found is None:
        raise SystemExit(f"PLATFORM must end in arm64, aarch64 or x86_64, got {target}")
    return found[1]


def sha256(data: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(data).hexdigest()


def _packed(files: list[Path]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in files:
            entry = tarfile.TarInfo(path.name)
            entry.size = path.stat().st_size
            entry.mode = 0o644
            with path.open("rb") as file:
                tar.addfile(entry, file)
    return buffer.getvalue()


def _unusable(directory: Path, reason: str) -> FleetInvalidError:
    return FleetInvalidError(str(directory), [Problem("wheelhouse", reason, "make it: make wheelhouse")])


if __name__ == "__main__":
    print(f"release {write_wheelhouse(Path(sys.argv[1]), *sys.argv[2:]).release}")
