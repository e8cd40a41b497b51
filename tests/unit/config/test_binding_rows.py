"""Bindings of accounts put in and taken out; rows of peers stay as they are."""

import pytest

from clawfleet.config.binding_rows import BadBinding, Place, bind, place_words, read_place, rows_of, unbind, words

PEER = {"agentId": "coding", "match": {"channel": "telegram", "peer": {"kind": "group", "id": "-1"}}}
OPS = Place("telegram", "ops")


def test_places_are_read_as_people_write_them() -> None:
    assert read_place("Telegram:ops") == OPS
    assert read_place("discord:*") == Place("discord", "*")
    assert place_words(read_place("telegram")) == "telegram"
    for text in ("", ":ops", "telegram:"):
        with pytest.raises(BadBinding):
            read_place(text)


def test_a_place_is_added_once() -> None:
    done = bind([PEER], "coding", [OPS, OPS])
    assert done.rows == [PEER, {"agentId": "coding", "match": {"channel": "telegram", "accountId": "ops"}}]
    assert (done.added, done.skipped) == ([OPS], [OPS])


def test_a_rule_for_the_whole_channel_gets_its_account() -> None:
    done = bind([{"agentId": "coding", "comment": "mine", "match": {"channel": "telegram"}}], "coding", [OPS])
    assert done.updated == [OPS]
    assert done.rows == [{"agentId": "coding", "comment": "mine", "match": {"channel": "telegram", "accountId": "ops"}}]


def test_what_another_agent_has_is_not_taken() -> None:
    rows = [{"agentId": "Main", "match": {"channel": "telegram", "accountId": "ops"}}]
    assert bind(rows, "coding", [OPS]).conflicts == [(OPS, "main")]
    assert unbind(rows, "coding", [OPS]).conflicts == [(OPS, "main")]


def test_only_what_is_named_is_taken_away() -> None:
    rows = bind([PEER], "coding", [OPS, Place("discord", "*")]).rows
    done = unbind(rows, "coding", [OPS, Place("slack")])
    assert (done.removed, done.missing) == ([OPS], [Place("slack")])
    assert [words(row) for row in done.rows] == ["telegram peer=group:-1", "discord accountId=*"]


def test_all_of_an_agent_can_go() -> None:
    other = {"agentId": "main", "match": {"channel": "telegram"}}
    assert unbind([PEER, other, "rubbish"], "coding", None).rows == [other, "rubbish"]


def test_a_file_without_bindings_has_none() -> None:
    assert rows_of({}) == rows_of({"bindings": "x"}) == []
