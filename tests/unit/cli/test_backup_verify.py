from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def test_a_whole_archive_and_another_file(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {mode: "local"}}')
    openclaw("backup", "create", "--output", "b.tar.gz")
    archive = str(home.root / "b.tar.gz")
    assert openclaw("backup", "verify", archive).stdout.startswith("Backup OK: ")
    assert json.loads(openclaw("backup", "verify", archive, "--json").stdout)["assetCount"] == 1
    failed = openclaw("backup", "verify", str(home.config_path), "--json")
    assert failed.exit_code == 1
    assert json.loads(failed.stdout)["error"]["code"] == "BACKUP_BROKEN"
