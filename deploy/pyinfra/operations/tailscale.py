"""Tailscale on a host: there, in the tailnet, its routes as wanted. What the recipes did is marked, to be undone."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation

from facts.tailscale import Marks, TailscaleRoutes, TailscaleState
from layout import LINUX
from shell import Commands, HiddenText, refuse

PREFIX = "tailscale-"
ROUTE = f"{PREFIX}route-"
NOT_THERE = "there is no Tailscale on this host: install it, or set tailscale.install in the fleet file"
NOT_UP = "this host is in no tailnet: run `tailscale up` there, or set tailscale.authKey in the fleet file"

PACKAGE = """\
if command -v apt-get >/dev/null
then apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy tailscale
else dnf install -qy tailscale
fi"""
REPOSITORY = """\
. /etc/os-release && base=https://pkgs.tailscale.com/stable/$ID/$VERSION_CODENAME &&
install -d -m 755 /usr/share/keyrings &&
curl -fsSL "$base.noarmor.gpg" -o /usr/share/keyrings/tailscale-archive-keyring.gpg &&
curl -fsSL "$base.tailscale-keyring.list" -o /etc/apt/sources.list.d/tailscale.list"""

UP = """\
umask 077 && k=$(mktemp /run/clawfleet-join.XXXXXX) && trap 'rm -f "$k"' EXIT && cat >"$k" &&
timeout 120 tailscale up --auth-key=file:"$k\""""


@operation()
def tailscale_installed(source: str) -> Commands:
    """Tailscale is on the host; from `official` means its maker's repository."""
    if host.get_fact(TailscaleState) != "missing":
        host.noop("Tailscale is there")
        return
    if source == "official":
        yield StringCommand(REPOSITORY)
    yield StringCommand(PACKAGE)
    yield StringCommand("systemctl enable -q --now tailscaled")
    yield mark("installed", source)


@operation()
def tailnet_joined(key: HiddenText | None) -> Commands:
    """The host is in its tailnet. The key is in a file for as long as it takes to join, and in no argument."""
    state = host.get_fact(TailscaleState)
    if state == "Running":
        host.noop("the host is in its tailnet")
    elif key is not None:
        yield StringCommand(f"sh -c {shlex.quote(UP)}", _stdin=key.text)
        yield mark("joined", "yes")
    else:
        yield refuse(NOT_THERE if state == "missing" else NOT_UP)


@operation()
def routes_allowed(user: str) -> Commands:
    """The user may change Tailscale's routes."""
    if host.get_fact(Marks, directory=LINUX.made, prefix=PREFIX).get(f"{PREFIX}operator") == user:
        host.noop(f"{user} may change routes")
        return
    yield StringCommand(f"tailscale set --operator={shlex.quote(user)}")
    yield mark("operator", user)


@operation()
def kept_routes(wanted: Mapping[int, tuple[str, int]]) -> Commands:
    """These ports of the host's name lead to gateways: port → mode and port of the gateway. Former ones of ours go.

    A port that somebody else uses is left alone, and fails the host.
    """
    marks = host.get_fact(Marks, directory=LINUX.made, prefix=ROUTE)
    ours = {int(name.removeprefix(ROUTE)) for name in marks}
    found = host.get_fact(TailscaleRoutes) if wanted or ours else {}
    commands = [command for port in sorted(ours - set(wanted)) for command in _dropped(port, there=port in found)]
    for port, (mode, target) in wanted.items():
        url = f"http://127.0.0.1:{target}"
        if found.get(port) == f"{mode} {url}" and port in ours:
            continue
        if port in found and port not in ours and found[port].partition(" ")[2] != url:
            commands.append(refuse(f"port {port} of the tailnet leads to {found[port].partition(' ')[2]} already"))
            continue
        if port in found:
            commands += _dropped(port, there=True)
        commands += [StringCommand(f"tailscale {mode} --yes --bg --https={port} {url}"), mark(f"route-{port}", url)]
    if not commands:
        host.noop("Tailscale's routes are as wanted")
    yield from commands


def _dropped(port: int, *, there: bool) -> Sequence[StringCommand]:
    off = [StringCommand(f"tailscale serve --yes --https={port} --set-path=/ off")] if there else []
    return [*off, StringCommand(f"rm -f {LINUX.made}/{ROUTE}{port}")]


def mark(what: str, text: str) -> StringCommand:
    """Notes on the host that the recipes did this."""
    return StringCommand(f"mkdir -p {LINUX.made} && echo {shlex.quote(text)} >{LINUX.made}/{PREFIX}{what}")
