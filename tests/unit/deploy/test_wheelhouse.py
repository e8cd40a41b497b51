"""The wheelhouse and its name."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from clawfleet.fleet.problems import FleetInvalidError
from wheelhouse import needed_glibc, read_wheelhouse, tags_of, write_wheelhouse


def fill(directory: Path, content: bytes = b"wheel") -> Path:
    directory.mkdir(exist_ok=True)
    (directory / "clawfleet-1.2.3-py3-none-any.whl").write_bytes(content)
    (directory / "typing_extensions-4.0-py3-none-any.whl").write_bytes(b"other")
    return directory


def test_the_archive_holds_every_wheel_with_its_hash(tmp_path: Path) -> None:
    """Hosts install exactly these, checked."""
    made = write_wheelhouse(fill(tmp_path))
    with tarfile.open(tmp_path / made.archive) as tar:
        names = tar.getnames()
        requirements = tar.extractfile("requirements.txt")
        assert requirements is not None
        lines = requirements.read().decode().splitlines()
    assert names == ["clawfleet-1.2.3-py3-none-any.whl", "typing_extensions-4.0-py3-none-any.whl", "requirements.txt"]
    assert lines[0] == f"clawfleet==1.2.3 --hash=sha256:{hashlib.sha256(b'wheel').hexdigest()}"
    assert lines[1].startswith("typing-extensions==4.0 --hash=sha256:")
    assert read_wheelhouse(tmp_path) == made


def test_the_release_is_named_after_version_and_content(tmp_path: Path) -> None:
    """The same wheels give the same name and bytes, other wheels another name; the old archive is gone."""
    first = write_wheelhouse(fill(tmp_path / "a"))
    again = write_wheelhouse(fill(tmp_path / "b"))
    assert first == again
    other = write_wheelhouse(fill(tmp_path / "a", b"changed"))
    assert other.version == first.version == "1.2.3"
    assert other.release != first.release
    assert [path.name for path in (tmp_path / "a").glob("*.tar")] == [other.archive]


def test_a_missing_or_damaged_wheelhouse_says_how_to_make_it(tmp_path: Path) -> None:
    """Before any host is contacted."""
    with pytest.raises(FleetInvalidError) as missing:
        read_wheelhouse(tmp_path)
    assert "make wheelhouse" in missing.value.report()
    made = write_wheelhouse(fill(tmp_path))
    (tmp_path / made.archive).write_bytes(b"damaged")
    with pytest.raises(FleetInvalidError) as damaged:
        read_wheelhouse(tmp_path)
    assert "differs from its manifest" in damaged.value.report()
    for text in ("{}", "{"):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(FleetInvalidError, match="nothing was contacted") as strange:
            read_wheelhouse(tmp_path)
        assert "manifest.json is damaged, or of another version" in strange.value.report()


def test_a_platform_has_all_older_tags_too() -> None:
    """pip would take only wheels of the very tag."""
    tags = tags_of("manylinux_2_18_aarch64")
    assert tags[:3] == ["manylinux_2_18_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"]
    assert tags[-3:] == ["manylinux_2_5_aarch64", "manylinux1_aarch64", "linux_aarch64"]
    assert tags_of("manylinux2014_x86_64")[0] == "manylinux_2_17_x86_64"
    assert tags_of("linux-arm64")[0] == "manylinux_2_36_aarch64"
    assert tags_of("macosx_14_0_arm64") == ["macosx_14_0_arm64"]


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        (["a-1-py3-none-any.whl"], ""),
        (["a-1-py3-none-any.whl", "b-1-cp311-cp311-manylinux2014_x86_64.manylinux_2_28_x86_64.whl"], "2.17"),
        (["b-1-cp38-abi3-manylinux_2_34_x86_64.whl", "c-1-cp311-cp311-manylinux1_x86_64.whl"], "2.34"),
        (["m-1-cp312-cp312-macosx_11_0_arm64.whl"], ""),
    ],
)
def test_the_c_library_that_all_wheels_need(names: list[str], needed: str) -> None:
    """Of all wheels the newest, of one wheel's tags the oldest."""
    assert needed_glibc(names) == needed


def test_a_manifest_of_a_newer_release_can_be_read(tmp_path: Path) -> None:
    """Going back to an older checkout must not need an empty directory."""
    made = write_wheelhouse(fill(tmp_path))
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace("{", '{"later": 1,', 1))
    assert read_wheelhouse(tmp_path) == made
