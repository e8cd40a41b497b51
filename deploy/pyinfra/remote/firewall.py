"""Runs on a host, as root: nothing comes in but ssh and what the fleet file names. With ufw where it is, else nftables.

What Docker publishes does not pass the rules for the host itself: it is closed in a place of its own. Standard library
only. Source: deploy §4.4.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any, Optional

import sshd
from deadman import Change, read, status
from places import MADE

RULES = Path("/etc/nftables.d/60-openclaw.nft")
UNIT = Path("/etc/systemd/system/openclaw-firewall.service")
TABLE = "inet openclaw"
UFW = Path("/etc/ufw")
UFW_MARK = MADE / "ufw-enabled"
AFTER = {4: UFW / "after.rules", 6: UFW / "after6.rules"}
BEGIN, END = "# openclaw: begin", "# openclaw: end"
NUMBERS = {"tcp": 6, "udp": 17}
"""A small system has no /etc/protocols to look names up in; 1 and 58 are ICMP's."""

OWN_BRIDGES = ("docker0", "br-*", "docker_gwbridge")

UNIT_TEXT = f"""[Unit]
Description=Firewall of the OpenClaw fleet
Wants=network-pre.target
Before=network-pre.target
After=nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service
DefaultDependencies=no
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {RULES}
ExecReload=/usr/sbin/nft -f {RULES}
ExecStop=-/usr/sbin/nft delete table {TABLE}

[Install]
WantedBy=multi-user.target
"""
SYNC_NFT = f"""
systemctl daemon-reload
if [ -e {UNIT} ]; then
  systemctl enable -q {UNIT.name} && systemctl reload-or-restart {UNIT.name}
else
  rm -f /etc/systemd/system/multi-user.target.wants/{UNIT.name}
  systemctl stop {UNIT.name} 2>/dev/null
  if command -v nft >/dev/null && nft list table {TABLE} >/dev/null 2>&1; then nft delete table {TABLE}; fi
fi
"""
SYNC_UFW = f"""
if grep -qi '^ENABLED=yes' {UFW}/ufw.conf; then ufw reload; else ufw --force disable; fi
for each in iptables:{AFTER[4]} ip6tables:{AFTER[6]}; do
  tables=${{each%%:*}} rules=${{each#*:}}
  if ! grep -qx '{BEGIN}' "$rules" && "$tables" -S DOCKER-USER 2>/dev/null | grep -q 'ctstate DNAT -j DROP'; then
    "$tables" -F DOCKER-USER
    "$tables" -X DOCKER-USER 2>/dev/null || "$tables" -A DOCKER-USER -j RETURN
  fi
done
"""

Order = Optional["dict[str, Any]"]


def change(order: Order) -> Change:
    """The rules of the wanted tool; those of the other are gone."""
    tool = tool_of(order)
    text = nft_text(order) if order is not None and tool == "nftables" else None
    files: dict[str, Any] = {
        str(RULES): None if text is None else ("600", text),
        str(UNIT): None if text is None else ("644", UNIT_TEXT),
    }
    check = [["nft", "-c", "-f", str(RULES)]] if text is not None else []
    sync = [["sh", "-c", SYNC_NFT]]
    if not shutil.which("ufw"):
        return Change(files, check, sync, sync)
    mine = order if tool == "ufw" else None
    for family, path in AFTER.items():
        if after := read(path):
            files[str(path)] = (after[0], with_block(after[1], "" if mine is None else docker_block(mine, family)))
    touched = [str(UFW / "user.rules"), str(UFW / "user6.rules"), str(UFW / "ufw.conf"), "/etc/default/ufw"]
    restore = [*sync, ["sh", "-c", SYNC_UFW]]
    return Change(files, check, [*sync, *ufw_commands(mine)], restore, [*touched, str(UFW_MARK)])


def tool_of(order: Order) -> str:
    """`ufw` or `nftables`; neither without an order."""
    if order is None:
        return ""
    wanted: str = order["tool"]
    return ("ufw" if shutil.which("ufw") else "nftables") if wanted == "auto" else wanted


def refusal(order: dict[str, Any]) -> str | None:
    """Why this host cannot have it."""
    if status(["systemctl", "is-active", "-q", "firewalld"])[0] == 0:
        return "firewalld guards this host already: stop and disable it, or leave `firewall` out"
    needed = {"ufw": "ufw", "nftables": "nft"}[tool_of(order)]
    return None if shutil.which(needed) else f"{needed} is not installed"


def holds(order: Order) -> bool:
    """Whether the rules are in force, beside their files."""
    tool = tool_of(order)
    in_nft = status(["nft", "list", "table", *TABLE.split()])[0] == 0
    if in_nft != (tool == "nftables"):
        return False
    if not shutil.which("ufw"):
        return True
    wanted = {comment(rule) for rule in all_rules(order)} if order is not None and tool == "ufw" else set()
    is_on = not wanted or re.search(r"^Status: active", status(["ufw", "status"])[1], re.MULTILINE) is not None
    return is_on and set(added()) == wanted


def all_rules(order: dict[str, Any]) -> list[dict[str, Any]]:
    """ssh first, wherever this host's server listens; then what the fleet file names. One source each, "" for any."""
    ssh = [{"name": "ssh", "protocol": "tcp", "port": port, "sources": order["sshFrom"]} for port in sshd.ports()]
    rules = [*ssh, *order["rules"]]
    found = [{**rule, "source": source} for rule in rules for source in (rule["sources"] or [""])]
    if order["tailnet"]:
        found.append({"name": "tailnet", "interface": "tailscale0", "protocol": "", "port": 0, "source": ""})
    return found


def published(order: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules that may be about a port that Docker publishes."""
    return [rule for rule in all_rules(order) if rule["port"] and rule["name"] != "ssh"]


# --- nftables


def nft_text(order: dict[str, Any]) -> str:
    """The whole table, replaced in one transaction."""
    rules = "".join(f"    {nft_rule(rule)}\n" for rule in all_rules(order))
    named = "".join(
        f"    {nft_source(rule)}meta l4proto {NUMBERS[rule['protocol']]} ct original proto-dst {rule['port']} accept\n"
        for rule in published(order)
    )
    bridges = "".join(f'    iifname "{name}" accept\n' for name in OWN_BRIDGES)
    return f"""# Written by the fleet; see docs/fleet-hosts.md.
table {TABLE}
delete table {TABLE}
table {TABLE} {{
  chain input {{
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    ct state invalid drop
    iifname "lo" accept
    meta l4proto {{ 1, 58 }} accept
    ip6 saddr fe80::/10 udp dport 546 accept
{rules}  }}
  chain published {{
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
{bridges}{named}    ct status dnat drop
  }}
}}
"""


def nft_rule(rule: dict[str, Any]) -> str:
    """One rule of the input chain."""
    name = rule["name"]
    if "interface" in rule:
        return f'iifname "{rule["interface"]}" accept comment "{name}"'
    return f'{nft_source(rule)}{rule["protocol"]} dport {rule["port"]} accept comment "{name}"'


def nft_source(rule: dict[str, Any]) -> str:
    """The match on where a packet comes from."""
    source = rule["source"]
    return "" if not source else f"{'ip6' if ':' in source else 'ip'} saddr {source} "


# --- ufw


def ufw_commands(order: Order) -> list[list[str]]:
    """What makes ufw's rules of ours those of the order; rules of people stay."""
    rules = all_rules(order) if order is not None else []
    wanted = {comment(rule): rule for rule in rules}
    there = added()
    gone = [["ufw", "delete", *words] for note, words in there.items() if note not in wanted]
    fresh = [["ufw", *ufw_words(rule), "comment", note] for note, rule in wanted.items() if note not in there]
    if order is None:
        off = [["sh", "-c", f"rm {UFW_MARK} && ufw --force disable"]] if UFW_MARK.exists() else []
        return [*gone, *off, ["sh", "-c", SYNC_UFW]]
    on = f"grep -qi '^ENABLED=yes' {UFW}/ufw.conf || touch {UFW_MARK}; ufw --force enable && ufw reload"
    return [*fresh, ["ufw", "default", "deny", "incoming"], ["sh", "-c", on], *gone]


def ufw_words(rule: dict[str, Any]) -> list[str]:
    """One rule in ufw's words."""
    if "interface" in rule:
        return ["allow", "in", "on", rule["interface"]]
    where = ["from", rule["source"] or "any", "to", "any", "port", str(rule["port"])]
    return ["allow", "proto", rule["protocol"], *where]


def comment(rule: dict[str, Any]) -> str:
    """What a rule of ours is known by: its name, and a hash of what it says."""
    return f"openclaw {rule['name']} {hashlib.sha256(repr(ufw_words(rule)).encode()).hexdigest()[:6]}"


def added() -> dict[str, list[str]]:
    """Comment → words of the rules of ours that ufw has."""
    found = {}
    for line in status(["ufw", "show", "added"])[1].splitlines():
        match = re.fullmatch(r"ufw (.+) comment '(openclaw .+)'", line)
        if match:
            found[match[2]] = match[1].split()
    return found


def docker_block(order: dict[str, Any], family: int) -> str:
    """Lines of iptables-restore, or of its twin for IPv6, that close what Docker publishes but for what is named.

    Docker of before version 27 publishes to IPv6 by a process on the host, which the rules for the host itself close.
    """
    own = "".join(f"-A DOCKER-USER -i {name.replace('*', '+')} -j RETURN\n" for name in (*OWN_BRIDGES, "lo"))
    named = "".join(
        f"-A DOCKER-USER -p {rule['protocol']} {source}-m conntrack --ctorigdstport {rule['port']} -j RETURN\n"
        for rule in published(order)
        for source in ([f"-s {rule['source']} "] if rule["source"] else [""])
        if not source or (":" in source) == (family == 6)
    )
    return f"""{BEGIN}
*filter
:DOCKER-USER - [0:0]
-A DOCKER-USER -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
{own}{named}-A DOCKER-USER -m conntrack --ctstate DNAT -j DROP
-A DOCKER-USER -j RETURN
COMMIT
{END}
"""


def with_block(text: str, block: str) -> str:
    """The file with our block at its end, or without one."""
    bare = re.sub(rf"{re.escape(BEGIN)}\n.*?{re.escape(END)}\n", "", text, flags=re.DOTALL)
    return bare + block
