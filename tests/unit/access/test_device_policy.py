"""When a device needs an approval, and who need not be asked. The gate's own table is in `test_gate`."""

import pytest

from clawfleet.access.device_policy import (
    REQUIREMENTS,
    AutoApproval,
    Circumstances,
    Reason,
    approved_by,
    as_ip,
    in_networks,
    requirement,
)
from clawfleet.access.device_records import Ask, PairedDevice, Traits

READ, WRITE = "operator.read", "operator.write"


def traits(platform: str = "linux", family: str | None = "Linux", mode: str = "cli") -> Traits:
    return Traits("key", platform, family, "cli", mode)


def known(*scopes: str, shown: Traits | None = None) -> PairedDevice:
    return PairedDevice("d", ("operator",), scopes, shown or traits(), None, "owner", 1, 1, None)


def ask(*scopes: str, role: str = "operator", shown: Traits | None = None) -> Ask:
    return Ask("d", role, scopes, shown or traits())


@pytest.mark.parametrize(
    ("record", "asked", "reason"),
    [
        (None, ask(), "not-paired"),
        (known(WRITE), ask(READ), None),
        (known(READ), ask(WRITE), "scope-upgrade"),
        (known(READ), ask(role="node"), "role-upgrade"),
        (known(READ), ask(READ, shown=traits("darwin")), "metadata-upgrade"),
        (known(READ), ask(WRITE, role="node", shown=traits(family="Mac")), "metadata-upgrade"),
        (known(READ, shown=traits(family=None)), ask(READ), None),
        (known(READ), ask(READ, shown=traits(family=None)), "metadata-upgrade"),
    ],
)
def test_what_stands_between_a_device_and_what_it_asks(
    record: PairedDevice | None, asked: Ask, reason: Reason | None
) -> None:
    assert requirement(record, asked) == reason


HERE = Circumstances(True, "token", "127.0.0.1")
AFAR = Circumstances(False, "token", "198.51.100.7")


@pytest.mark.parametrize(
    ("reason", "asked", "how", "auto", "via"),
    [
        ("not-paired", ask(READ), HERE, AutoApproval(), "silent"),
        ("role-upgrade", ask(role="node"), HERE, AutoApproval(), "silent"),
        ("scope-upgrade", ask(READ), HERE, AutoApproval(), "silent"),
        ("scope-upgrade", ask(READ), Circumstances(True, "device-token", None), AutoApproval(), None),
        ("metadata-upgrade", ask(READ), HERE, AutoApproval(), None),
        ("not-paired", ask(READ), HERE, AutoApproval(local=False), None),
        ("not-paired", ask(READ), AFAR, AutoApproval(), None),
        ("not-paired", ask(role="node"), AFAR, AutoApproval(cidrs=("198.51.100.0/24",)), "trusted-cidr"),
        ("not-paired", ask(READ, role="node"), AFAR, AutoApproval(cidrs=("198.51.100.0/24",)), None),
        ("role-upgrade", ask(role="node"), AFAR, AutoApproval(cidrs=("198.51.100.0/24",)), None),
    ],
)
def test_who_need_not_be_asked(
    reason: Reason, asked: Ask, how: Circumstances, auto: AutoApproval, via: str | None
) -> None:
    assert approved_by(reason, asked, how, auto) == via


def test_every_requirement_says_what_can_be_done() -> None:
    assert set(REQUIREMENTS) == {"not-paired", "role-upgrade", "scope-upgrade", "metadata-upgrade"}
    assert all(remedy.endswith(".") for _, remedy in REQUIREMENTS.values())


@pytest.mark.parametrize(
    ("address", "networks", "inside"),
    [
        ("10.1.2.3", ("10.0.0.0/8",), True),
        ("::ffff:10.1.2.3", ("10.0.0.0/8",), True),
        ("10.1.2.3", ("::ffff:10.0.0.0/104",), True),
        ("10.1.2.3", ("10.1.2.3",), True),
        ("fd00::1", ("fd00::/8",), True),
        ("fd00::1", ("::ffff:0:0/96",), False),
        ("11.1.2.3", ("10.0.0.0/8", "nonsense"), False),
        ("nonsense", ("0.0.0.0/0",), False),
        (None, ("0.0.0.0/0",), False),
    ],
)
def test_addresses_in_networks(address: str | None, networks: tuple[str, ...], inside: bool) -> None:
    assert in_networks(address, networks) is inside


def test_an_address_is_read_or_none() -> None:
    assert str(as_ip(" ::ffff:127.0.0.1 ")) == "127.0.0.1"
    assert as_ip("localhost") is None
