"""Tunnels as units, and the keys that are let in for them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.fleet.checks import check_fleet
from clawfleet.fleet.expand import expand
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.models.host import Host, Tunnel
from operations.units import no_other_units, no_unit, running_unit
from tasks.tunnels import authorized_keys, tunnel_unit
from tests.unit.deploy.recipes import Earlier, run

TUNNEL = {"hostname": "10.0.0.5", "key": "~/.ssh/id_ed25519", "localPort": 19789, "remotePort": 18789}


def test_ssh_opens_one_port_and_nothing_else() -> None:
    """It ends when the port cannot be had, and systemd begins it again."""
    text = tunnel_unit("main", Tunnel.model_validate(TUNNEL), "ada")
    (command,) = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    assert command.startswith("ExecStart=/usr/bin/ssh -N -T -p 22 -i /home/ada/.ssh/id_ed25519 ")
    assert command.endswith("-L 127.0.0.1:19789:127.0.0.1:18789 tunnel@10.0.0.5")
    for option in ("BatchMode=yes", "ExitOnForwardFailure=yes", "StrictHostKeyChecking=yes"):
        assert f"-o {option}" in command
    assert "User=ada" in text


def test_a_path_is_quoted_as_systemd_reads_it() -> None:
    """Which is not as a shell reads it: systemd puts variables into single quotes too."""
    text = tunnel_unit("main", Tunnel.model_validate({**TUNNEL, "key": "~/50% $HOME/it's"}), "ada")
    assert ' -i "/home/ada/50%% $$HOME/it\'s" ' in text


def test_a_key_may_forward_to_the_gateways_and_do_nothing_else() -> None:
    line = authorized_keys(["ssh-ed25519 AAAA ada"], [18789, 18909])
    opened = 'permitopen="127.0.0.1:18789",permitopen="127.0.0.1:18909"'
    assert line == f"restrict,port-forwarding,{opened} ssh-ed25519 AAAA ada\n"


@pytest.mark.parametrize("key", ["AAAA", "ssh-ed25519 AAAA x\nssh-ed25519 BBBB", 'command="sh" ssh-ed25519 AAAA'])
def test_what_is_no_plain_public_key_is_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        Host.model_validate({"connect": {"hostname": "h"}, "gateways": {"a": {}}, "tunnelKeys": [key]})


def test_a_tunnel_and_a_gateway_want_their_own_ports() -> None:
    tree = {"hosts": {"a": {"connect": {"hostname": "h"}, "gateways": {"x": {}}, "tunnels": {"t": TUNNEL}}}}
    tree["hosts"]["a"]["tunnels"] = {"t": {**TUNNEL, "localPort": 18789}}
    fleet = Fleet.model_validate({"version": 1, **tree})
    (problem,) = check_fleet(fleet, expand(fleet, {}), {})
    assert "port 18789 of a is used by both a/x and its tunnel t" in problem.message


def test_a_unit_that_runs_is_restarted_only_when_its_file_changed() -> None:
    assert run(running_unit, {"OwnUnit": "running"}, "u.service", [Earlier(changes=False)]).commands == []
    for state, changes in (("running", True), ("there", False), ("none", False)):
        ran = run(running_unit, {"OwnUnit": state}, "u.service", [Earlier(changes=changes)])
        assert ran.commands == [
            "systemctl daemon-reload && systemctl enable -q u.service && systemctl restart u.service"
        ]


def test_what_is_not_wanted_any_more_goes() -> None:
    """A timer takes the service that it starts along."""
    assert run(no_unit, {"OwnUnit": "none"}, "b.timer").commands == []
    ran = run(no_unit, {"OwnUnit": "there"}, "b.timer")
    assert "rm -f /etc/systemd/system/b.service /etc/systemd/system/b.timer" in ran.commands[0]
    others = run(no_other_units, {"OwnUnits": ["t-a.service", "t-b.service"]}, "t-", ["t-a.service"])
    assert "t-b.service" in others.commands[0] and "t-a" not in others.commands[0]
