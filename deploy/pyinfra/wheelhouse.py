"""The wheelhouse: every wheel that a gateway needs, in one archive named after its content.

`python wheelhouse.py DIR [PLATFORM PY]` writes the manifest and the archive for the wheels that lie in DIR;
`python wheelhouse.py --tags PLATFORM` prints the tags of the wheels that such a platform can use, the best first.
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from clawfleet.fleet.problems import FleetInvalidError, Problem

LINUX_GLIBC = (2, 36)
"""What `linux-x86_64` and its like stand for: Debian 12, the oldest distribution that hosts may have."""

ALIASES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
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
    glibc: str = ""
    directory: Path = field(default=Path(), compare=False)

    @property
    def platform(self) -> str:
        """What a host has to have: `3.12 Darwin arm64`, `3.11 Linux x86_64 2.34` (the C library, that or newer)."""
        return f"{self.python} {self.system} {self.machine} {self.glibc}".strip()

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
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
        known = {entry.name for entry in fields(Wheelhouse)} - {"directory"}
        return Wheelhouse(**{name: value for name, value in dict(told).items() if name in known}, directory=directory)
    except (ValueError, TypeError):
        raise _unusable(directory, f"{manifest} is damaged, or of another version") from None


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
        glibc=needed_glibc([wheel.name for wheel in wheels]),
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
    """The machine of a platform, as it calls itself: that of `manylinux_2_28_x86_64` is `x86_64`."""
    found = re.search(r"(arm64|aarch64|x86_64)$", target)
    if found is None:
        raise SystemExit(f"PLATFORM must end in arm64, aarch64 or x86_64, got {target}")
    return found[1] if target.startswith("macosx") else found[1].replace("arm64", "aarch64")


def tags_of(target: str) -> list[str]:
    """The tags of wheels that the platform can use, the best first, as pip has no idea of them but for macOS."""
    if target.startswith("macosx"):
        return [target]
    machine, named = machine_of(target), re.match(r"manylinux_2_(\d+)_", target)
    alias = ALIASES.get(target.partition("_")[0], LINUX_GLIBC)
    newest = int(named[1]) if named else alias[1]
    older = {version[1]: name for name, version in ALIASES.items()}
    tags = [
        f"{name}_{machine}"
        for minor in range(newest, 4, -1)
        for name in (f"manylinux_2_{minor}", older.get(minor))
        if name
    ]
    return [*tags, f"linux_{machine}"]


def needed_glibc(wheels: Sequence[str]) -> str:
    """The C library that these wheels need, as `2.28`; empty when any will do, or when they are not for Linux.

    Of a wheel with several tags the least counts; one that was built here needs what this machine has.
    """
    needed = [min(_glibc_of(tag) for tag in Path(name).stem.rpartition("-")[2].split(".")) for name in wheels]
    found = max(needed, default=(0, 0))
    return f"{found[0]}.{found[1]}" if found > (0, 0) else ""


def _glibc_of(tag: str) -> tuple[int, int]:
    if named := re.match(r"manylinux_(\d+)_(\d+)_", tag):
        return int(named[1]), int(named[2])
    if tag.startswith("linux_"):
        major, _, minor = platform.libc_ver()[1].partition(".")
        return (int(major), int(minor)) if minor.isdigit() else (0, 0)
    return ALIASES.get(tag.partition("_")[0], (0, 0))


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
    if sys.argv[1] == "--tags":
        print("\n".join(tags_of(sys.argv[2])))
    else:
        print(f"release {write_wheelhouse(Path(sys.argv[1]), *sys.argv[2:]).release}")
