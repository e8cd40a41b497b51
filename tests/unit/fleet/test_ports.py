"""Port allocation."""

from __future__ import annotations

from clawfleet.fleet.ports import allocate_ports, overlap


def test_ports_are_allocated_120_apart_from_18789() -> None:
    """The first three gateways get the documented ports."""
    assert allocate_ports({"a": None, "b": None, "c": None}, {}) == {"a": 18789, "b": 18909, "c": 19029}


def test_a_declared_port_wins_and_the_others_go_around_it() -> None:
    """No allocated port comes near a declared one."""
    assert allocate_ports({"a": None, "b": 18800, "c": None}, {}) == {"a": 19029, "b": 18800, "c": 19149}


def test_removing_a_gateway_does_not_renumber_the_others() -> None:
    """Ports of an earlier run stay; the place of the removed one is not given away."""
    remembered = {"a": 18789, "b": 18909, "c": 19029}
    assert allocate_ports({"a": None, "c": None, "new": None}, remembered) == {"a": 18789, "c": 19029, "new": 19149}


def test_a_port_declared_later_replaces_the_remembered_one() -> None:
    """The file always has the last word."""
    assert allocate_ports({"a": 20000, "b": None}, {"a": 18789}) == {"a": 20000, "b": 18789}


def test_overlap_is_about_the_derived_range() -> None:
    """110 apart meets, 111 does not."""
    assert overlap(18789, 18899)
    assert not overlap(18789, 18900)
