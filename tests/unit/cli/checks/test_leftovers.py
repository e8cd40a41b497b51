from __future__ import annotations

from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home


def test_configs_that_were_set_aside(home: Home, look: Look) -> None:
    assert look("files/set-aside") == {}
    for word in ("clobbered", "rejected"):
        (home.state_dir / f"openclaw.json.{word}.2026-11-01").write_text("{}")
    assert set(look("files/set-aside")) == {"config.clobbered_left", "config.rejected_left"}


def test_credential_files_that_nobody_reads(home: Home, look: Look) -> None:
    folder = home.state_dir / "agents" / "main" / "agent"
    folder.mkdir(parents=True)
    (folder / "auth-profiles.json").write_text('{"profiles": {}}')
    assert look("files/old-credentials")["auth.legacy_store"].path.endswith("auth-profiles.json")


def test_databases_of_a_node_gateway_are_recognised_and_left_alone(home: Home, look: Look) -> None:
    file = home.state_dir / "state" / "openclaw.sqlite"
    file.parent.mkdir()
    file.write_bytes(b"not opened")
    assert "state/openclaw.sqlite" in look("files/original", fix=True)["state.original_beside"].evidence
    assert file.read_bytes() == b"not opened"
