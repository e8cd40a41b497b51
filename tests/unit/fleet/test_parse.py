"""Reading the fleet file's text."""

from __future__ import annotations

import pytest

from clawfleet.fleet.parse import parse_files
from clawfleet.fleet.problems import FleetInvalidError

GOOD = """
{ // the edge
  version: 1,
  hosts: {
    "edge-1": { connect: { hostname: "10.0.0.5", user: 'deploy' }, gateways: { default: {}, ops: { port: 18909 } } },
  },
}
"""


def findings(text: str) -> str:
    with pytest.raises(FleetInvalidError) as caught:
        parse_files({"fleet.json5": text})
    return caught.value.report()


def test_json5_is_read() -> None:
    """Comments, bare keys and trailing commas are fine."""
    fleet = parse_files({"fleet.json5": GOOD})
    assert fleet.hosts["edge-1"].gateways["ops"].port == 18909


@pytest.mark.parametrize(
    ("old", "new", "where", "near"),
    [
        ("version", "verson", "verson", "'version'"),
        ("hostname", "hostnam", "hosts.edge-1.connect.hostnam", "'hostname'"),
        ("port", "prot", "hosts.edge-1.gateways.ops.prot", "'port'"),
        ("gateways", "gatways", "hosts.edge-1.gatways", "'gateways'"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(old: str, new: str, where: str, near: str) -> None:
    """A typo is told with its path and what was probably meant."""
    report = findings(GOOD.replace(old, new))
    assert f"{where}: unknown key" in report
    assert f"did you mean {near}?" in report


def test_every_problem_is_reported_at_once() -> None:
    """One run shows all mistakes."""
    report = findings(GOOD.replace("18909", "'18909x'").replace("user:", "usr:").replace("version: 1", "version: 2"))
    assert "3 problems" in report
    assert "hosts.edge-1.gateways.ops.port:" in report


def test_a_key_written_twice_is_an_error() -> None:
    """Two gateways of the same name would silently become one."""
    assert "ops" in findings(GOOD.replace("default: {}", "ops: { port: 19029 }"))


def test_broken_json5_names_the_line() -> None:
    """A missing comma is found."""
    assert "fleet.json5: SyntaxError: JSON5: invalid character 'h' at 4:3" in findings(
        GOOD.replace("version: 1,", "version: 1")
    )


def test_a_pasted_secret_is_not_repeated() -> None:
    """The report may be shown to anyone."""
    report = findings(GOOD.replace("port: 18909", "secrets: { OPENAI_API_KEY: 'sk-very-secret' }"))
    assert "secrets.OPENAI_API_KEY: a secret is written as a reference" in report
    assert "sk-very-secret" not in report
