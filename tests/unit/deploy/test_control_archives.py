"""Archives on their way between a host and this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from clawfleet.core.errors import GatewayError
from clawfleet.fleet.models.host import Connect
from control.archives import archive_of, pull, push
from control.order import Order
from control.reach import HostFailedError, Reach

NAMES = ("1-openclaw-backup.tar.gz", "1-workspace.tar.gz")


@pytest.fixture
def reach(tmp_path: Path) -> Reach:
    """This machine as a host that needs no root; it has one backup."""
    (tmp_path / "host").mkdir()
    for name in NAMES:
        (tmp_path / "host" / name).write_text(name)
    connect = Connect.model_validate({"via": "local"})
    return Reach("edge", connect, tmp_path, system="darwin", rootless=True)


def told(host: Path, *names: str) -> dict[str, str]:
    """What a host says of its backup."""
    return {kind: str(host / name) for kind, name in zip(("state", "workspace"), names, strict=True)}


def test_both_archives_come_here_for_their_owner_alone(reach: Reach, tmp_path: Path) -> None:
    """Under the names that they have there."""
    pulled = asyncio.run(pull(reach, told(tmp_path / "host", *NAMES), tmp_path / "here" / "edge" / "ops"))
    for kind, name in zip(("state", "workspace"), NAMES, strict=True):
        assert Path(pulled[kind]) == tmp_path / "here" / "edge" / "ops" / name
        assert Path(pulled[kind]).read_text() == name
        assert Path(pulled[kind]).stat().st_mode & 0o777 == 0o600


def test_a_host_does_not_choose_where_its_bytes_lie_here(reach: Reach, tmp_path: Path) -> None:
    """One that somebody took over would name a file of the operator's."""
    (tmp_path / "host" / "authorized_keys").write_text("ssh-ed25519 AAAA mallory")
    with pytest.raises(HostFailedError, match="authorized_keys is no name of a backup"):
        asyncio.run(pull(reach, told(tmp_path / "host", "authorized_keys", NAMES[1]), tmp_path / "here"))
    assert not (tmp_path / "here").exists()


def test_what_cannot_be_fetched_whole_is_not_here_at_all(reach: Reach, tmp_path: Path) -> None:
    """Half an archive would be taken for one."""
    (tmp_path / "host" / NAMES[0]).unlink()
    with pytest.raises(HostFailedError, match="cannot be read"):
        asyncio.run(pull(reach, told(tmp_path / "host", *NAMES), tmp_path / "here"))
    assert list((tmp_path / "here").iterdir()) == []


def test_an_archive_is_pushed_to_a_shelf_that_is_made_for_it(reach: Reach, tmp_path: Path) -> None:
    """Of any size: it is never in this machine's memory as a whole."""
    target = asyncio.run(push(reach, tmp_path / "host" / NAMES[0], str(tmp_path / "shelf" / "ops")))
    assert Path(target).read_text() == NAMES[0]
    assert Path(target).stat().st_mode & 0o777 == 0o600
    with pytest.raises(HostFailedError, match=r"edge: push: .*(Not a directory|File exists)"):
        asyncio.run(push(reach, tmp_path / "host" / NAMES[0], f"{target}/below"))


@pytest.mark.parametrize(
    ("given", "reason"),
    [("none", "does not exist"), ("host", "is a directory"), (f"host/{NAMES[1]}", "is no backup of a state")],
)
def test_what_is_no_archive_is_named_with_what_was_expected(
    reach: Reach, tmp_path: Path, given: str, reason: str
) -> None:
    """By its whole path; one that is not there is never taken for a wrong kind of file."""
    with pytest.raises(GatewayError) as caught:
        archive_of(Order("restore", options={"archive": str(reach.base / given)}))
    assert caught.value.message == f"{tmp_path / given} {reason}"
    assert "name an archive that ends in -openclaw-backup.tar.gz" in (caught.value.hint or "")
    assert archive_of(Order("restore", options={"archive": str(tmp_path / "host" / NAMES[0])})).is_file()
