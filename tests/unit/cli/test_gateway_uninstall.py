"""`openclaw gateway uninstall`."""

from __future__ import annotations

import pytest

from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw


def test_it_goes_whatever_the_config_says(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    home.write_config("{ broken")
    result = openclaw("gateway", "uninstall")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Stopped systemd service: openclaw-gateway.service",
        f"Removed systemd service: {service.file}",
    ]
    assert not service.file.exists()
    assert home.config_path.exists()
    assert openclaw("gateway", "uninstall").stdout == "Gateway service not installed, and no gateway of it runs.\n"


def test_a_mac_keeps_the_plist_in_the_trash(
    openclaw: OpenClaw, service: FakeDaemon, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    monkeypatch.setattr(service, "manager", "launchd")
    (home.root / ".Trash").mkdir()
    secrets = home.state_dir / "service-env"
    secrets.mkdir()
    for name in (f"{service.label}.env", f"{service.label}-env-wrapper.sh", "ai.openclaw.other.env"):
        (secrets / name).touch()
    assert f"(moved to {home.root / '.Trash' / service.file.name})" in openclaw("gateway", "uninstall").stdout
    assert [path.name for path in secrets.iterdir()] == ["ai.openclaw.other.env"]
