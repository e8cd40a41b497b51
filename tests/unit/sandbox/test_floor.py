"""What a path means in one place."""

from __future__ import annotations

import pytest

from clawfleet.sandbox.floor import Ground


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b", "/workspace/a/b"),
        (".", "/workspace"),
        ("../etc", "/workspace/../etc"),
        ("/etc/passwd", "/etc/passwd"),
        ("/home/u/ws/a", "/agent/a"),
        ("/home/u/ws", "/agent"),
        ("/home/u/wsx", "/home/u/wsx"),
        ("~/a", "/home/me/a"),
        ("~", "/home/me"),
        ("~other/a", "/workspace/~other/a"),
        ("./~/a", "/workspace/~/a"),
    ],
)
def test_where_a_path_lies(path: str, expected: str) -> None:
    """Relative to the base, from home, or where the agent's own workspace is shown."""
    ground = Ground("/workspace", (("/workspace", True),), "/home/me", ("/home/u/ws", "/agent"))
    assert ground.locate(path) == expected
