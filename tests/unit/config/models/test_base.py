"""What every section shares."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.models.base import Flag, Id, OpenSection, Seconds, Section, Whole


class Sample(Section):
    """A section of the tests."""

    some_number: Whole = 1
    some_flag: Flag = False
    some_id: Id = "x"
    some_time: Seconds = 1.0


def test_both_spellings_are_read() -> None:
    """The file's and Python's."""
    assert Sample.model_validate({"someNumber": 2}) == Sample(some_number=2)


@pytest.mark.parametrize("row", [{"someNumber": "2"}, {"someNumber": True}, {"someFlag": 1}, {"someTime": 0}, {"x": 1}])
def test_types_are_exact_and_keys_are_known(row: dict[str, Any]) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValidationError):
        Sample.model_validate(row)


def test_ids_may_be_written_as_numbers() -> None:
    """Chat ids mostly are; true is none."""
    assert Sample.model_validate({"someId": -100}).some_id == "-100"
    with pytest.raises(ValidationError):
        Sample.model_validate({"someId": True})


def test_sections_do_not_change() -> None:
    """A snapshot is one moment."""
    with pytest.raises(ValidationError):
        Sample().some_number = 2  # type: ignore[misc]


def test_values_stay_out_of_error_texts() -> None:
    """They may be secrets."""
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({"someNumber": "s3cret"})
    assert "s3cret" not in str(caught.value)


def test_open_sections_say_so() -> None:
    """The walk over the keys asks them."""
    assert OpenSection.keeps_unknown
    assert not Section.keeps_unknown
