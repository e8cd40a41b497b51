"""`openclaw config restore`: an earlier text put back, because somebody asked for it."""

from __future__ import annotations

from tests.unit.cli.conftest import Home, OpenClaw


def test_restore(openclaw: OpenClaw, home: Home) -> None:
    home.write_config("{gateway: {port: 1}} // one")
    openclaw("config", "set", "gateway.port", "2")
    openclaw("config", "set", "gateway.port", "3")
    home.config_path.with_name("openclaw.json.last-good").write_text("{gateway: {port: 9}}", encoding="utf-8")
    dry = openclaw("config", "restore", "--dry-run")
    assert dry.exit_code == 0
    assert "port: 3" in home.config_path.read_text(encoding="utf-8")
    done = openclaw("config", "restore")
    assert done.stdout.startswith("Restored ~/.openclaw/openclaw.json from last-good. Restart the gateway to apply.")
    assert home.config_path.read_text(encoding="utf-8") == "{gateway: {port: 9}}"
    assert openclaw("config", "restore", "--from", "bak.2").exit_code == 0
    assert home.config_path.read_text(encoding="utf-8") == "{gateway: {port: 1}} // one"


def test_what_is_not_kept_or_no_longer_valid_is_not_restored(openclaw: OpenClaw, home: Home) -> None:
    home.write_config("{}")
    none = openclaw("config", "restore")
    assert (none.exit_code, "There is no last-good" in none.stderr) == (1, True)
    home.config_path.with_name("openclaw.json.bak").write_text("{nope: 1}", encoding="utf-8")
    bad = openclaw("config", "restore")
    assert bad.exit_code == 1
    assert 'Unrecognized key: "nope"' in bad.stderr
    assert home.config_path.read_text(encoding="utf-8") == "{}"
