"""`openclaw gateway schema`."""

import json

from tests.unit.cli.conftest import OpenClaw


def test_it_prints_the_protocol_without_a_gateway(openclaw: OpenClaw) -> None:
    result = openclaw("gateway", "schema")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["protocol"]) == (0, {"version": 4, "oldest": 3})
    assert {"Request", "Response", "Event"} == set(document["frames"])
    assert document["methods"]["health"]["scope"] is None


def test_one_method_comes_with_just_what_it_refers_to(openclaw: OpenClaw) -> None:
    document = json.loads(openclaw("gateway", "schema", "agents.list").stdout)
    assert document["scope"] == "operator.read"
    assert "AgentModel" in document["$defs"]  # only through another definition
    assert "Health" not in document["$defs"]


def test_a_method_that_is_not_there_is_an_error(openclaw: OpenClaw) -> None:
    result = openclaw("gateway", "schema", "nope")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "✗ no method nope")
