"""The DM policies, cell by cell: policy x how the sender is known."""

import pytest

from clawfleet.config.models.channels import DmPolicy
from clawfleet.routing.dm import decide
from clawfleet.routing.recipients import AllowList, allow_list

LISTED, EVERYONE, NOBODY = allow_list("telegram", ["42"]), allow_list("telegram", ["*"]), AllowList()


@pytest.mark.parametrize(
    ("policy", "allow_from", "approved", "verdict"),
    [
        ("pairing", NOBODY, (), "pair"),
        ("pairing", LISTED, (), "allow"),
        ("pairing", NOBODY, ("42",), "allow"),
        ("pairing", NOBODY, ("43",), "pair"),
        ("allowlist", NOBODY, (), "drop"),
        ("allowlist", LISTED, (), "allow"),
        ("allowlist", NOBODY, ("42",), "drop"),
        ("open", EVERYONE, (), "allow"),
        ("open", LISTED, (), "allow"),
        ("open", NOBODY, ("42",), "drop"),
        ("disabled", EVERYONE, ("42",), "drop"),
        ("disabled", LISTED, (), "drop"),
    ],
)
def test_who_may_write(policy: DmPolicy, allow_from: AllowList, approved: tuple[str, ...], verdict: str) -> None:
    assert decide(policy, allow_from, approved, "42").verdict == verdict


def test_the_reason_names_the_policy_for_the_log() -> None:
    assert decide("allowlist", NOBODY, (), "99").reason == "dmPolicy=allowlist"
