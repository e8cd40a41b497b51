"""Firewall, ssh server, journal and updates of a host: their texts, and the switch that takes a change back."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import deadman
import features
import firewall
import sshd
import upkeep
from deadman import Change, RefusedError
from facts.features import HostFeatures
from operations.features import _try, host_feature
from tests.unit.deploy.recipes import run

RULE = {"name": "web", "protocol": "tcp", "port": 443, "sources": ["10.0.0.0/8", "fd00::/8"]}
ORDER: dict[str, Any] = {"tool": "nftables", "sshFrom": [], "tailnet": True, "rules": [RULE], "seconds": 9}


@pytest.fixture(autouse=True)
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """Records in a place of the test's own; the timers that were armed and stopped."""
    made = tmp_path / "records" / ".made"
    made.mkdir(parents=True)
    monkeypatch.setattr(deadman, "SAVED", tmp_path / "records" / ".deadman")
    monkeypatch.setattr(deadman, "MADE_DIRS", made / "directories")
    monkeypatch.setattr(deadman, "UNITS", tmp_path / "system")
    monkeypatch.setattr(features, "MADE", made)
    ran: list[list[str]] = []
    plain = subprocess.run

    def noted(words: list[str], **named: Any) -> Any:
        if words[0] != "systemctl":
            return plain(words, **named)
        ran.append(words)
        return plain(["true"], **named)

    monkeypatch.setattr("deadman.subprocess.run", noted)
    monkeypatch.setattr("deadman.shutil.which", lambda name: name)
    yield ran


def test_a_change_waits_for_a_word_and_goes_back_without_it(tmp_path: Path, records: list[list[str]]) -> None:
    """Old content and mode come back, also of files that were not there; `keep` ends the timer."""
    old, new, mark = tmp_path / "old", tmp_path / "made" / "new", tmp_path / "counts"
    old.write_text("before")
    old.chmod(0o640)
    change = Change({str(old): ("600", "after"), str(new): ("644", "x")}, restore=[["touch", str(mark)]])
    deadman.make("t", change, 7)
    assert (old.read_text(), new.read_text(), f"{old.stat().st_mode & 0o777:o}") == ("after", "x", "600")
    assert records == [["systemctl", "daemon-reload"], ["systemctl", "start", "openclaw-deadman-t.timer"]]
    service, timer, wanted = deadman.unit_files("t")
    assert "OnActiveSec=7\n" in timer.read_text() and "deadman.py t\n" in service.read_text()
    assert wanted.readlink() == timer, "a host that boots meanwhile waits again"
    assert deadman.put_back("t") and not deadman.put_back("t")
    assert (old.read_text(), f"{old.stat().st_mode & 0o777:o}", new.parent.exists()) == ("before", "640", False)
    assert mark.exists() and not deadman.SAVED.exists()
    deadman.make("t", change, 7)
    deadman.keep("t")
    assert records[-2:] == [["systemctl", "stop", "openclaw-deadman-t.timer"], ["systemctl", "daemon-reload"]]
    assert not deadman.UNITS.exists(), "nothing of it stays"
    assert old.read_text() == "after" and not deadman.put_back("t")


def test_a_change_that_was_cut_off_goes_back_before_the_next(tmp_path: Path) -> None:
    """What comes back later is what was there first."""
    path = tmp_path / "f"
    path.write_text("first")
    deadman.make("t", Change({str(path): ("644", "second")}), 7)
    deadman.make("t", Change({str(path): ("644", "third")}), 7)
    deadman.put_back("t")
    assert path.read_text() == "first"


def test_a_change_that_a_check_refuses_never_counts(tmp_path: Path, records: list[list[str]]) -> None:
    path = tmp_path / "f"
    activated = [["touch", str(tmp_path / "counts")]]
    with pytest.raises(RefusedError, match="no good"):
        deadman.make("t", Change({str(path): ("644", "x")}, [["sh", "-c", "echo no good >&2; exit 1"]], activated), 7)
    assert (path.exists(), (tmp_path / "counts").exists(), records) == (False, False, [])


def test_the_drop_in_takes_keys_and_no_passwords() -> None:
    text = sshd.text({"allowUsers": ["ada", "tunnel"]})
    for line in ("PasswordAuthentication no", "PermitRootLogin prohibit-password", "MaxAuthTries 3",
                 "X11Forwarding no", "AllowTcpForwarding yes", "AllowUsers ada tunnel"):  # fmt: skip
        assert line in text.splitlines()
    assert "AllowUsers" not in sshd.text({"allowUsers": []})
    assert sshd.change(None).files == {"/etc/ssh/sshd_config.d/60-openclaw.conf": None}


def test_a_drop_in_that_another_file_overrules_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two words on one setting sshd takes the first; the message names the file that speaks it."""
    monkeypatch.setattr(sshd, "DROP_IN", tmp_path / "60-openclaw.conf")
    monkeypatch.setattr(sshd, "MAIN", tmp_path / "sshd_config")
    sshd.MAIN.write_text("# nothing\n")
    (tmp_path / "50-cloud-init.conf").write_text("PasswordAuthentication yes\n")
    heeded = {name.lower(): value for name, value in sshd.SETTINGS.items()} | {"permitrootlogin": "without-password"}
    monkeypatch.setattr(sshd, "effective", lambda: heeded)
    sshd.check_heeded({})
    heeded["passwordauthentication"] = "yes"
    with pytest.raises(RefusedError, match=r"PasswordAuthentication is not heeded: .*50-cloud-init.conf speaks"):
        sshd.check_heeded({})
    assert not sshd.holds({}) and sshd.holds(None)


@pytest.fixture
def port_22(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's ssh server listens there."""
    monkeypatch.setattr(sshd, "ports", lambda: [22])


@pytest.mark.usefixtures("port_22")
def test_ssh_comes_first_and_nothing_but_what_is_named_comes_in() -> None:
    text = firewall.nft_text(ORDER)
    rules = [line.strip() for line in text.splitlines()]
    assert "type filter hook input priority filter; policy drop;" in rules
    assert rules.index('tcp dport 22 accept comment "ssh"') < rules.index(
        'ip saddr 10.0.0.0/8 tcp dport 443 accept comment "web"'
    )
    assert 'ip6 saddr fd00::/8 tcp dport 443 accept comment "web"' in rules
    assert 'iifname "tailscale0" accept comment "tailnet"' in rules
    assert rules[-3] == "ct status dnat drop", "what Docker publishes is closed"
    assert "ip saddr 10.0.0.0/8 meta l4proto 6 ct original proto-dst 443 accept" in rules


@pytest.mark.usefixtures("port_22")
def test_ufw_gets_new_rules_before_old_ones_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules of people, which carry no comment of ours, stay."""
    shown = "Added user rules:\nufw allow 8080/tcp\nufw allow 23/tcp comment 'openclaw old 123456'\n"
    monkeypatch.setattr(firewall, "status", lambda words: (0, shown))
    commands = firewall.ufw_commands(ORDER)
    assert commands[0][:10] == ["ufw", "allow", "proto", "tcp", "from", "any", "to", "any", "port", "22"]
    assert commands[0][10] == "comment"
    assert commands[-1] == ["ufw", "delete", "allow", "23/tcp"]
    assert ["ufw", "default", "deny", "incoming"] in commands
    assert firewall.ufw_commands(None)[0] == ["ufw", "delete", "allow", "23/tcp"]
    assert not [words for words in commands + firewall.ufw_commands(None) if "8080/tcp" in words]


@pytest.mark.usefixtures("port_22")
def test_the_docker_block_is_put_once_and_taken_out_whole() -> None:
    """What is named stays open, by its port before Docker translates it."""
    block = firewall.docker_block(ORDER, 4)
    assert "-A DOCKER-USER -p tcp -s 10.0.0.0/8 -m conntrack --ctorigdstport 443 -j RETURN" in block
    assert "fd00" not in block and "--ctorigdstport 22" not in block
    six = firewall.docker_block(ORDER, 6)
    assert "-A DOCKER-USER -p tcp -s fd00::/8 -m conntrack --ctorigdstport 443 -j RETURN" in six and "10.0" not in six
    once = firewall.with_block("*filter\nCOMMIT\n", block)
    assert firewall.with_block(once, block) == once
    assert firewall.with_block(once, "") == "*filter\nCOMMIT\n"
    assert "-A DOCKER-USER -i br-+ -j RETURN" in block


def test_journal_and_updates_are_small_files() -> None:
    assert list(upkeep.journal({"maxUse": "5M"}).files.values()) == [("644", "[Journal]\nSystemMaxUse=5M\n")]
    assert set(upkeep.updates(None).files.values()) == {None}
    apt = upkeep.updates({}).files[str(upkeep.APT)]
    assert apt and 'Automatic-Reboot "false"' in apt[1]


def test_a_host_of_which_nothing_is_asked_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked once and is not any more is taken back."""
    place = tmp_path / "etc" / "journald.conf"
    monkeypatch.setattr(upkeep, "JOURNALD", place)
    assert set(features.look(dict.fromkeys(features.FEATURES)).values()) == {"as wanted"}
    wanted = {"journal": {"maxUse": "1G"}}
    assert features.look(wanted)["journal"] == "differs"
    features.apply("journal", wanted["journal"])
    assert features.look(wanted)["journal"] == "as wanted"
    place.write_text("changed by hand")
    assert features.look(wanted)["journal"] == "differs"
    assert features.look({})["journal"] == "differs"
    assert features.undo() == [] and not place.parent.exists()
    assert features.look({})["journal"] == "as wanted"


ORDERS = {"firewall": ORDER, "ssh": None, "journal": None}


def test_a_guarded_change_is_kept_when_a_second_connection_was_made() -> None:
    """And is not touched when it is as wanted, or cannot be."""
    ran = run(host_feature, {"HostFeatures": {"firewall": "differs"}}, "firewall", ORDERS, lambda: None)
    script = "python3 /opt/clawfleet/lib/features.py"
    assert ran.commands == [f"{script} apply firewall", f"{script} keep firewall"]
    assert (
        run(host_feature, {"HostFeatures": {"firewall": "as wanted"}}, "firewall", ORDERS, lambda: None).commands == []
    )
    refused = run(host_feature, {"HostFeatures": {"firewall": "nft is missing"}}, "firewall", ORDERS, lambda: None)
    assert "firewall: nft is missing; nothing was changed" in refused.commands[0]
    assert run(host_feature, {"HostFeatures": {}}, "ssh", ORDERS, lambda: None).commands == []
    gone = run(host_feature, {"HostFeatures": {"ssh": "differs"}}, "ssh", ORDERS, lambda: None)
    assert gone.commands == [f"{script} apply ssh"]


def test_a_connection_that_fails_is_noted_for_the_next_step() -> None:
    said: list[str] = []
    _try(lambda: None, said)
    _try(lambda: "timed out", said)
    assert said == ["timed out"]


def test_a_look_costs_nothing_where_nothing_was_ever_asked() -> None:
    """The host's script is not even started."""
    assert "ls /etc/clawfleet/.made/feature-*" in HostFeatures().command("{}", False)
    assert "true; then" in HostFeatures().command("{}", True)
    assert HostFeatures().process([]) == {}
