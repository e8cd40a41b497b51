"""This machine's address in the tailnet."""

from pathlib import Path

import pytest

from clawfleet.host import tailnet

ROUTES = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 100.64.0.0
        /10 universe UNICAST
Local:
  +-- 0.0.0.0/0 3 0 5
        |-- 10.0.0.5
           /32 host LOCAL
        |-- 100.101.102.103
           /32 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
"""
IFCONFIG = """\
lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384
\tinet 127.0.0.1 netmask 0xff000000
utun4: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1280
\tinet 100.64.0.1 --> 100.64.0.1 netmask 0xffffffff
"""


def test_on_linux_it_is_among_the_local_routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "fib_trie"
    monkeypatch.setattr(tailnet, "ROUTES", file)
    monkeypatch.setattr("sys.platform", "linux")
    assert tailnet.tailnet_address() is None
    file.write_text(ROUTES)
    assert tailnet.tailnet_address() == "100.101.102.103"
    file.write_text(ROUTES.replace("100.101.102.103", "100.200.0.1"))
    assert tailnet.tailnet_address() is None


def test_on_a_mac_it_is_an_interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(tailnet, "_ifconfig", lambda: IFCONFIG)
    assert tailnet.tailnet_address() == "100.64.0.1"
