"""What looks after one instance never looks into, or touches, another one's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Home, OpenClaw

LINES = [
    ["doctor", "--fix", "--yes", "--json"],
    ["doctor", "--generate-gateway-token"],
    ["security", "audit", "--fix"],
    ["secrets", "set", "SOME_KEY"],
    ["secrets", "audit"],
    ["secrets", "reload"],
    ["backup", "create", "--output", "b.tar.gz"],
    ["backup", "restore", "b.tar.gz", "--yes"],
    ["completion", "--shell", "bash", "--install"],
    ["status", "--all"],
    ["cron", "list"],
    ["skills", "list"],
    ["message", "send", "-t", "1", "-m", "hi"],
    ["reset", "--scope", "full", "--workspace", "--yes"],
    ["uninstall", "--state", "--workspace", "--yes"],
]


def seen(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything below a directory: its mode, when it changed, what it says."""
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in [folder, *sorted(folder.rglob("*"))]
    }


@pytest.fixture
def default(home: Home) -> Path:
    """The default instance, with everything in it that a command might be tempted by."""
    home.write_config('{gateway: {mode: "local", prot: 1, auth: {token: "default-token"}}}')
    home.config_path.chmod(0o644)
    (home.state_dir / ".env").write_text("DEFAULT=1\n")
    home.store_dir.mkdir()
    (home.store_dir / "gateway-token").write_text("default-token")
    for name in ("workspace", "sandboxes", "logs", "completions"):
        (home.state_dir / name).mkdir()
        (home.state_dir / name / "openclaw-kept.log").touch()
    return home.state_dir


def test_a_named_profile_leaves_the_default_instance_alone(openclaw: OpenClaw, home: Home, default: Path) -> None:
    before = seen(default)
    for line in LINES:
        done = openclaw(*line, stdin="some-value\n", OPENCLAW_PROFILE="ops", OPENCLAW_GATEWAY_PORT="1")
        assert "default-token" not in done.output, line
        assert seen(default) == before, line
    assert not (home.root / ".openclaw-ops").exists()


def test_the_default_instance_leaves_a_named_profile_alone(openclaw: OpenClaw, home: Home, default: Path) -> None:
    ops = home.root / ".openclaw-ops"
    default.rename(ops)
    before = seen(ops)
    for line in LINES:
        done = openclaw(*line, stdin="some-value\n", OPENCLAW_GATEWAY_PORT="1")
        assert "default-token" not in done.output, line
        assert seen(ops) == before, line
