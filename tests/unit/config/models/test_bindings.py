"""`bindings` as people write them."""

import pytest
from pydantic import ValidationError

from clawfleet.config.models.bindings import Binding


def test_numbers_are_ids_and_the_older_word_for_a_person_is_read() -> None:
    rule = Binding.model_validate(
        {"agentId": "a", "match": {"channel": "telegram", "peer": {"kind": "dm", "id": 42}, "accountId": 7}}
    )
    assert rule.match.peer is not None
    assert (rule.match.peer.kind, rule.match.peer.id, rule.match.account_id) == ("direct", "42", "7")


@pytest.mark.parametrize(
    "row", [{"agentId": "a", "match": {}}, {"match": {"channel": "x"}}, {"agentId": "a", "match": {"chanel": "x"}}]
)
def test_a_rule_that_would_match_more_than_it_says_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Binding.model_validate(row)
