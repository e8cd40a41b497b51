"""Tailscale on a host: what is looked at, what is done, what is undone."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tailnet
from facts.tailscale import Marks, TailscaleRoutes, TailscaleState
from operations.tailscale import kept_routes, routes_allowed, tailnet_joined, tailscale_installed
from rendered import unit_text
from shell import HiddenText
from tests.support.tailscale import FakeTailscale, without_tailscale
from tests.unit.deploy.recipes import gateway, run

HERE = "http://127.0.0.1:18909"


def told(fact: Any, path: str, **arguments: Any) -> Any:
    """What a fact says where PATH is `path`."""
    words = ["/bin/sh", "-c", fact().command(**arguments)]
    lines = subprocess.run(words, env={"PATH": path}, capture_output=True, text=True, check=True).stdout.splitlines()
    return fact().process(lines) if lines else fact.default()


def test_a_host_says_how_far_it_is(tmp_path: Path) -> None:
    assert told(TailscaleState, without_tailscale(tmp_path / "none")) == "missing"
    fake = FakeTailscale(tmp_path / "bin", backend="NeedsLogin")
    assert told(TailscaleState, fake.path) == "NeedsLogin"


def test_routes_are_read_with_who_may_come(tmp_path: Path) -> None:
    fake = FakeTailscale(tmp_path, routes={"8443": HERE, "10000": "http://127.0.0.1:3000"}, public=["10000"])
    assert told(TailscaleRoutes, fake.path) == {8443: f"serve {HERE}", 10000: "funnel http://127.0.0.1:3000"}
    assert told(TailscaleRoutes, without_tailscale(tmp_path / "none")) == {}


def test_marks_are_read_with_what_they_say(tmp_path: Path) -> None:
    (tmp_path / "tailscale-operator").write_text("ada\n")
    (tmp_path / "user-ada").write_text("")
    assert told(Marks, "/usr/bin:/bin", directory=str(tmp_path), prefix="tailscale-") == {"tailscale-operator": "ada"}
    assert told(Marks, "/usr/bin:/bin", directory=str(tmp_path / "none"), prefix="tailscale-") == {}


def test_it_is_installed_where_it_is_missing_from_where_the_file_says() -> None:
    assert run(tailscale_installed, {"TailscaleState": "Running"}, "distribution").commands == []
    commands = run(tailscale_installed, {"TailscaleState": "missing"}, "distribution").commands
    assert "apt-get install -qy tailscale" in commands[0]
    assert commands[-1].endswith("echo distribution >/etc/clawfleet/.made/tailscale-installed")
    assert "pkgs.tailscale.com" in run(tailscale_installed, {"TailscaleState": "missing"}, "official").commands[0]


def test_the_key_is_in_a_file_of_its_own_while_it_is_needed(tmp_path: Path) -> None:
    """Run here: the stand-in saw the file with mode 0600; afterwards it is gone, and no argument had the key."""
    key = "key-for-this-test"
    ran = run(tailnet_joined, {"TailscaleState": "NeedsLogin"}, HiddenText(f"{key}\n"))
    assert ran.inputs == [f"{key}\n"]
    assert key not in " ".join(ran.commands)
    fake = FakeTailscale(tmp_path / "bin", backend="NeedsLogin")
    script = ran.commands[0].replace("/run/", f"{tmp_path}/")
    subprocess.run(["/bin/sh", "-c", script], input=ran.inputs[0], env={"PATH": fake.path}, text=True, check=True)
    ((mode, _),) = fake.state()["joined"]
    assert (mode, fake.state()["backend"]) == ("0o600", "Running")
    assert list(tmp_path.glob("clawfleet-join.*")) == []
    assert key not in json.dumps(fake.calls())


def test_a_host_that_is_in_its_tailnet_is_left_alone_and_one_without_a_key_is_told() -> None:
    assert run(tailnet_joined, {"TailscaleState": "Running"}, HiddenText("k\n")).commands == []
    assert "authKey" in run(tailnet_joined, {"TailscaleState": "NeedsLogin"}, None).commands[0]
    assert "tailscale.install" in run(tailnet_joined, {"TailscaleState": "missing"}, None).commands[0]


def test_a_user_is_allowed_once() -> None:
    facts: dict[str, Any] = {"Marks": {}}
    assert run(routes_allowed, facts, "ada").commands[0] == "tailscale set --operator=ada"
    facts["Marks"] = {"tailscale-operator": "ada"}
    assert run(routes_allowed, facts, "ada").commands == []


@pytest.mark.parametrize(
    ("routes", "marks", "commands"),
    [
        ({}, {}, ["tailscale serve --yes --bg --https=8443 http://127.0.0.1:18909", "mark"]),
        ({8443: f"serve {HERE}"}, {"tailscale-route-8443": HERE}, []),
        (
            {8443: f"funnel {HERE}"},
            {"tailscale-route-8443": HERE},
            [
                "tailscale serve --yes --https=8443 --set-path=/ off",
                "rm -f /etc/clawfleet/.made/tailscale-route-8443",
                "tailscale serve --yes --bg --https=8443 http://127.0.0.1:18909",
                "mark",
            ],
        ),
        (
            {8443: f"serve {HERE}", 10000: "serve http://127.0.0.1:1"},
            {"tailscale-route-8443": HERE, "tailscale-route-10000": "http://127.0.0.1:1"},
            [
                "tailscale serve --yes --https=10000 --set-path=/ off",
                "rm -f /etc/clawfleet/.made/tailscale-route-10000",
            ],
        ),
        ({10000: "serve http://127.0.0.1:1", 8443: f"serve {HERE}"}, {"tailscale-route-8443": HERE}, []),
    ],
)
def test_routes_are_made_as_wanted_and_only_those_of_ours_go(
    routes: dict[int, str], marks: dict[str, str], commands: list[str]
) -> None:
    ran = run(kept_routes, {"Marks": marks, "TailscaleRoutes": routes}, {8443: ("serve", 18909)})
    note = f"mkdir -p /etc/clawfleet/.made && echo {HERE} >/etc/clawfleet/.made/tailscale-route-8443"
    assert ran.commands == [note if command == "mark" else command for command in commands]


def test_a_port_that_somebody_else_uses_fails_the_host() -> None:
    facts = {"Marks": {}, "TailscaleRoutes": {8443: "serve http://127.0.0.1:3000"}}
    (command,) = run(kept_routes, facts, {8443: ("serve", 18909)}).commands
    assert "port 8443 of the tailnet leads to http://127.0.0.1:3000 already" in command


def test_a_system_unit_starts_after_tailscale_where_it_matters() -> None:
    after = "After=network-online.target tailscaled.service"
    of_system = replace(gateway(bind="tailnet"), service="system")
    assert after in unit_text(of_system)
    assert after not in unit_text(replace(of_system, bind="loopback"))
    assert after not in unit_text(gateway(bind="tailnet")), "a user's service manager does not know it"


def test_what_the_recipes_did_is_taken_back_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A route that was there before, and a tailnet that the host was in, stay."""
    fake = FakeTailscale(tmp_path / "bin", routes={"8443": HERE, "443": "http://127.0.0.1:3000"}, operator="ada")
    monkeypatch.setenv("PATH", fake.path)
    monkeypatch.setattr(tailnet, "MADE", tmp_path)
    (tmp_path / "tailscale-route-8443").write_text(HERE)
    (tmp_path / "tailscale-operator").write_text("ada")
    tailnet.drop_route(443)
    tailnet.leave()
    state = fake.state()
    assert (state["routes"], state["operator"], state.get("backend", "Running")) == (
        {"443": "http://127.0.0.1:3000"},
        "",
        "Running",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]
    (tmp_path / "tailscale-joined").write_text("yes")
    tailnet.leave()
    assert fake.state()["backend"] == "NeedsLogin"
