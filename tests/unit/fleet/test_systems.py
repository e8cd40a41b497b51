"""Which system a host has."""

from __future__ import annotations

import json
from typing import Any

from clawfleet.fleet.expand import expand
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.parse import parse_files
from clawfleet.fleet.systems import default_os_user, is_rootless, settled, system_of, unasked


def fleet(**host: Any) -> Fleet:
    """One host `mini`, reached as ada."""
    spec = {"connect": {"hostname": "mini.local", "user": "ada"}, "gateways": {"default": {}, "ops": {}}, **host}
    return parse_files({"fleet.json5": json.dumps({"version": 1, "hosts": {"mini": spec}})})


def test_linux_is_what_nobody_says() -> None:
    """With a user of its own and root."""
    assert (system_of(fleet(), "mini"), is_rootless(fleet(), "mini")) == ("linux", False)
    assert default_os_user(fleet(), "mini") == "openclaw"


def test_agents_of_a_mac_belong_to_its_login_user_and_need_no_root() -> None:
    """Daemons do."""
    mac = fleet(os="darwin")
    assert (default_os_user(mac, "mini"), is_rootless(mac, "mini")) == ("ada", True)
    assert not is_rootless(fleet(os="darwin", service="system"), "mini")


def test_a_host_that_has_to_be_asked_is_what_it_answered() -> None:
    """Until then it counts as Linux."""
    unknown = fleet(os="auto")
    assert (unasked(unknown), system_of(unknown, "mini")) == (["mini"], "linux")
    known = settled(unknown, {"mini": "darwin"})
    assert (unasked(known), system_of(known, "mini")) == ([], "darwin")
    assert settled(unknown, {}) is unknown


def test_names_and_places_are_those_that_macos_has() -> None:
    """Label, property list, log file, home, the time that launchd gives a job to end."""
    default, ops = expand(fleet(os="darwin"), {})
    assert (default.unit, ops.unit) == ("ai.openclaw.gateway", "ai.openclaw.ops")
    assert default.unit_path == "/Users/ada/Library/LaunchAgents/ai.openclaw.gateway.plist"
    assert ops.log_path == "/Users/ada/Library/Logs/openclaw/gateway-ops.log"
    assert (ops.state_dir, ops.limits.stop_timeout_s) == ("/Users/ada/.openclaw-ops", 20)
    (daemon, _) = expand(fleet(os="darwin", service="system"), {})
    assert daemon.unit_path == "/Library/LaunchDaemons/ai.openclaw.gateway.plist"
    assert "logging" not in daemon.config
