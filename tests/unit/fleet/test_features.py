"""What is asked of a host beside its gateways."""

from __future__ import annotations

from typing import Any

from clawfleet.fleet.expand import expand
from clawfleet.fleet.features import features_of, host_orders, is_sandboxed, sandbox_images
from clawfleet.fleet.models.fleet import Fleet
from tests.unit.fleet.fleets import instances_of


def fleet(**host: Any) -> Fleet:
    """One host `a` with these keys, one gateway, and a default for the journal."""
    spec = {"connect": {"hostname": "h", "user": "ada"}, "gateways": {"x": {}}} | host
    return Fleet.model_validate({"version": 1, "defaults": {"journal": {}}, "hosts": {"a": spec}})


def orders(**host: Any) -> dict[str, Any]:
    """What the host's scripts are told."""
    made = fleet(**host)
    return host_orders(made, "a", expand(made, {}))


def test_nothing_is_asked_of_a_host_that_the_file_does_not_ask_it_of() -> None:
    """And what `defaults` say holds unless the host says otherwise."""
    assert orders() == {"firewall": None, "ssh": None, "journal": {"maxUse": "1G"}, "updates": None}
    assert orders(journal={"maxUse": "5M"})["journal"] == {"maxUse": "5M"}
    assert features_of(fleet(), "a").docker is None


def test_a_gateway_beyond_loopback_is_open_to_whom_the_file_names_and_nobody_else() -> None:
    """One on loopback is nobody's business; without sources there is no rule."""
    gateways = {"x": {"bind": "lan", "port": 18789}, "y": {"port": 18909}}
    assert orders(firewall={}, gateways=gateways)["firewall"]["rules"] == []
    (rule,) = orders(firewall={"gatewaysFrom": ["10.0.0.0/8"]}, gateways=gateways)["firewall"]["rules"]
    assert rule == {"name": "gateway x", "protocol": "tcp", "port": 18789, "sources": ["10.0.0.0/8"]}


def test_a_tailnet_stays_open_where_gateways_use_it() -> None:
    asked = orders(firewall={}, gateways={"x": {"bind": "tailnet"}})["firewall"]
    assert asked["tailnet"] and asked["rules"][0]["port"] == 41641
    assert not orders(firewall={})["firewall"]["tailnet"]


def test_who_deploys_and_who_tunnels_may_always_log_in() -> None:
    """Nobody is named unless the file names somebody: then these two are too."""
    key = "ssh-ed25519 AAAA x"
    assert orders(ssh={})["ssh"]["allowUsers"] == []
    assert orders(ssh={"allowUsers": ["eve"]}, tunnelKeys=[key])["ssh"]["allowUsers"] == ["eve", "ada", "tunnel"]


def test_a_gateway_is_sandboxed_when_one_of_its_agents_is() -> None:
    """By the defaults, or by an agent's own entry; the images are those that are named."""
    plain, by_default, by_agent = instances_of(
        a={
            "x": {},
            "y": {"config": {"agents": {"defaults": {"sandbox": {"mode": "all"}}}}},
            "z": {"config": {"agents": {"entries": {"m": {"sandbox": {"mode": "all", "docker": {"image": "i:1"}}}}}}},
        }
    )
    assert [is_sandboxed(item) for item in (plain, by_default, by_agent)] == [False, True, True]
    assert sandbox_images(by_default) == ["openclaw-sandbox:bookworm-slim"]
    assert sandbox_images(by_agent) == ["i:1"]
