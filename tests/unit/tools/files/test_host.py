"""The host's files: everything, or the workspace by both its names."""

from __future__ import annotations

from pathlib import Path

from clawfleet.sandbox.floor import Ground
from clawfleet.tools.files.host import HostFloor


async def test_the_workspace_is_where_paths_begin(tmp_path: Path) -> None:
    """And no jail, unless asked for."""
    assert await HostFloor("/home/me").ground(tmp_path, confined=False) == Ground(
        str(tmp_path), (("/", True),), "/home/me"
    )


async def test_a_workspace_behind_a_link_is_one_workspace(tmp_path: Path) -> None:
    """Its configured name and its real one are both inside."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    ground = await HostFloor(None).ground(link, confined=True)
    assert ground.roots == ((str(link), True), (str(real), True))


async def test_an_order_is_answered(tmp_path: Path) -> None:
    assert "missing" in await HostFloor(None).carry(
        tmp_path, f'{{"op": "fetch", "path": "{tmp_path}/x", "roots": [["/", true]], "limit": 1}}'
    )
