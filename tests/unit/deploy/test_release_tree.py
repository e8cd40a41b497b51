"""A release is built from the very bytes that were asked for, or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

import release_tree
from release_tree import RefusedError, main, required, verified

HELLO = {
    "hello/__init__.py": "import sys\nclass Say:\n    it = staticmethod(lambda: print('hello', *sys.argv[1:]))\n",
    "hello-1.0.data/scripts/other": "#!/bin/sh\necho other\n",
    "hello-1.0.dist-info/METADATA": "Name: hello\nVersion: 1.0\n",
    "hello-1.0.dist-info/entry_points.txt": "[console_scripts]\nopenclaw = hello:Say.it\n\n[x.y]\nz = hello:Say\n",
}


def wheel(files: dict[str, str]) -> bytes:
    """The bytes of a wheel with these files."""
    (info,) = {name.partition("/")[0] for name in files if ".dist-info/" in name}
    files = files | {f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in (files | {f"{info}/RECORD": record}).items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
            packed.writestr(entry, text)
    return buffer.getvalue()


def installer() -> tuple[str, bytes]:
    """The wheel that every wheelhouse holds, made of what is installed here."""
    found = distribution("installer")
    names = [str(path) for path in found.files or () if path.suffix == ".py" or path.name == "METADATA"]
    texts = {name: Path(str(found.locate_file(name))).read_text() for name in names}
    return f"installer-{found.version}-py3-none-any.whl", wheel(texts)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def archive(path: Path, files: dict[str, bytes], requirements: str | None = None) -> str:
    """Writes an archive of these wheels, which its requirements name unless told otherwise; its hash."""
    name, content = installer()
    files = files | ({name: content} if requirements is None else {})
    if requirements is None:
        names = {name: name.split("-")[:2] for name in files}
        pins = {name: f"{package.replace('_', '-')}=={version}" for name, (package, version) in names.items()}
        requirements = "".join(f"{pins[name]} --hash=sha256:{digest(files[name])}\n" for name in files)
    everything = files | {"requirements.txt": requirements.encode()}
    with tarfile.open(path, "w") as tar:
        for name, data in everything.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return digest(path.read_bytes())


def test_a_release_is_a_venv_with_the_commands_of_its_wheels(tmp_path: Path) -> None:
    """Compiled, complete, and the archive is gone."""
    packed, home = tmp_path / "a.tar", tmp_path / "release"
    main(home, packed, archive(packed, {"hello-1.0-py3-none-any.whl": wheel(HELLO)}))
    said = subprocess.run([home / "bin" / "openclaw", "you"], capture_output=True, text=True, check=True).stdout
    assert said == "hello you\n"
    assert subprocess.run([home / "bin" / "other"], capture_output=True, text=True, check=True).stdout == "other\n"
    version = "from importlib.metadata import version; print(version('hello'))"
    python = home / "bin" / "python"
    assert subprocess.run([python, "-c", version], capture_output=True, text=True, check=True).stdout == "1.0\n"
    assert list(home.rglob(f"hello/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"))
    assert (home / ".complete").exists()
    assert not packed.exists()


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    """A command that does not start is no release, and the next run begins anew."""
    packed, home = tmp_path / "a.tar", tmp_path / "release"
    broken = HELLO | {"hello/__init__.py": "raise SystemExit(3)\n"}
    sha256 = archive(packed, {"hello-1.0-py3-none-any.whl": wheel(broken)})
    with pytest.raises(SystemExit, match="cannot be installed"):
        main(home, packed, sha256)
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_waits_for_one_whose_connection_was_cut(tmp_path: Path) -> None:
    """It finds the release complete then, and leaves it alone."""
    packed, home = tmp_path / "a.tar", tmp_path / "release"
    home.mkdir()
    (home / ".complete").touch()
    packed.write_bytes(b"anything")
    turn = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(turn, fcntl.LOCK_EX)
    words = [sys.executable, release_tree.__file__, str(home), str(packed), "0" * 64]
    with subprocess.Popen(words) as second:
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(timeout=1)
        os.close(turn)
        assert second.wait(timeout=30) == 0
    assert [path.name for path in home.iterdir()] == [".complete"]
    assert not packed.exists()


def test_nothing_is_installed_that_was_not_asked_for(tmp_path: Path) -> None:
    """The archive's hash, each wheel's hash and name, and no requirement without its wheel."""
    path, good = tmp_path / "a.tar", wheel(HELLO)
    name = "hello_you-1.0-py3-none-any.whl"
    sha256 = archive(path, {name: good})
    assert verified(path.read_bytes(), sha256)[name] == good
    with pytest.raises(RefusedError, match="does not have the hash"):
        verified(path.read_bytes() + b"\0", sha256)
    pinned = f"hello-you==1.0 --hash=sha256:{digest(good)}\n"
    for files, requirements, why in (
        ({name: good}, "", "is not in requirements.txt"),
        ({name: wheel(HELLO | {"more.py": ""})}, pinned, "is not in requirements.txt"),
        ({"other-1.0-py3-none-any.whl": good}, pinned, "is not in requirements.txt"),
        ({}, pinned, "there is no wheel for hello_you-1.0"),
    ):
        sha256 = archive(path, files, requirements)
        with pytest.raises(RefusedError, match=why):
            verified(path.read_bytes(), sha256)


def test_a_wheel_cannot_write_outside_its_release(tmp_path: Path) -> None:
    """Whatever its names say: nothing of it stays."""
    packed, home = tmp_path / "a.tar", tmp_path / "release"
    sha256 = archive(packed, {"hello-1.0-py3-none-any.whl": wheel(HELLO | {"../../../../../x": "out"})})
    with pytest.raises(ValueError, match="outside"):
        main(home, packed, sha256)
    assert list(tmp_path.iterdir()) == []


def test_a_requirement_is_named_as_its_wheel_is_called() -> None:
    """With underscores."""
    assert dict(required("a-b==1.0 --hash=sha256:00\n")) == {"00": "a_b-1.0"}
