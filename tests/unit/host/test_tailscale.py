"""What the `tailscale` command answers, and what its answers mean."""

from pathlib import Path
from typing import Any

import pytest

from clawfleet.host.command import Done
from clawfleet.host.tailscale import (
    TailscaleFailed,
    ask,
    find_tailscale,
    host_name,
    is_not_permitted,
    is_not_there_yet,
    leads_to,
    login_of,
    object_in,
)
from tests.support.tailscale import FakeTailscale, without_tailscale


def test_the_command_is_found_on_the_path_of_the_gateway(tmp_path: Path) -> None:
    fake = FakeTailscale(tmp_path / "bin")
    assert find_tailscale(fake.environ) == str(tmp_path / "bin" / "tailscale")
    assert find_tailscale({"PATH": without_tailscale(tmp_path / "none")}) is None


async def test_a_command_that_cannot_run_is_told() -> None:
    with pytest.raises(TailscaleFailed, match="cannot run /nowhere/tailscale"):
        await ask("/nowhere/tailscale", "version")
    with pytest.raises(TailscaleFailed, match="did not answer within"):
        await ask("/bin/sh", "-c", "exec tail -f /dev/null", timeout_s=0.05)


@pytest.mark.parametrize(
    ("text", "found"),
    [('{"a": 1}', {"a": 1}), ('Warning: old\n{"a": 1}\n', {"a": 1}), ("", {}), ("[1]", {}), ("{nonsense}", {})],
)
def test_an_object_is_found_between_other_lines(text: str, found: dict[str, Any]) -> None:
    assert object_in(text) == found


def test_refusals_are_told_apart() -> None:
    assert is_not_permitted(Done(1, "", "sending serve config: Access denied: serve config denied"))
    assert not is_not_permitted(Done(1, "", "Serve is not enabled on your tailnet."))
    assert is_not_there_yet(Done(1, "", "failed to connect to local tailscaled; it doesn't appear to be running"))
    assert not is_not_there_yet(Done(0, "connection refused", ""))


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ({"Self": {"DNSName": "edge.ts.net.", "TailscaleIPs": ["100.64.0.1"]}}, "edge.ts.net"),
        ({"Self": {"DNSName": "", "TailscaleIPs": ["100.64.0.1"]}}, "100.64.0.1"),
        ({"Self": {}}, None),
        ({}, None),
    ],
)
def test_what_this_machine_is_called(status: dict[str, Any], name: str | None) -> None:
    assert host_name(status) == name


@pytest.mark.parametrize("answer", [{}, {"UserProfile": {}}, {"UserProfile": {"LoginName": 1}}, {"UserProfile": []}])
def test_what_is_no_answer_names_nobody(answer: dict[str, Any]) -> None:
    assert login_of(answer) is None
    assert login_of({"UserProfile": {"LoginName": "ann@example.com"}}) == "ann@example.com"


@pytest.mark.parametrize(
    ("web", "is_ours"),
    [
        ({"e.ts.net:443": {"Handlers": {"/": {"Proxy": "http://127.0.0.1:18789"}}}}, True),
        ({"e.ts.net:443": {"Handlers": {"/": {"Proxy": "http://localhost:18789/"}}}}, True),
        ({"e.ts.net:443": {"Handlers": {"/": {"Proxy": "http://127.0.0.1:3000"}}}}, False),
        ({"e.ts.net:443": {"Handlers": {"/": {"Proxy": "http://127.0.0.1:18789"}, "/x": {"Path": "/x"}}}}, False),
        ({"e.ts.net:443": {"Handlers": {"/": {"Proxy": "http://127.0.0.1:18789"}}},
          "f.ts.net:443": {"Handlers": {"/": {"Proxy": "http://127.0.0.1:18789"}}}}, False),
        ({"e.ts.net:8443": {"Handlers": {"/": {"Proxy": "http://127.0.0.1:18789"}}}}, False),
        (None, False),
    ],
)  # fmt: skip
def test_a_kept_route_is_ours_when_it_leads_to_our_port_and_nowhere_else(web: Any, is_ours: bool) -> None:
    assert leads_to({"Web": web}, 18789) is is_ours
