"""What is wrong with parameters is told by place and expectation."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clawfleet.protocol.problems import first_problem


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    mode: Literal["a", "b"]


class Outer(BaseModel):
    name: str = Field(min_length=2, max_length=3)
    count: int = Field(default=1, ge=1, le=5)
    share: float = Field(default=0.5, gt=0, lt=1)
    is_on: bool = False
    inner: Inner = Inner(mode="a")
    rows: list[Inner] = Field(default_factory=list, max_length=1)


def problem_of(data: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(data)
    return first_problem(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": 1}, "at /name: must be string"),
        ({"name": "x"}, "at /name: must NOT have fewer than 2 characters"),
        ({"name": "long"}, "at /name: must NOT have more than 3 characters"),
        ({"count": "many"}, "at /count: must be integer"),
        ({"count": 1.5}, "at /count: must be integer"),
        ({"count": 0}, "at /count: must be >= 1"),
        ({"count": 9}, "at /count: must be <= 5"),
        ({"share": "half"}, "at /share: must be number"),
        ({"share": 0}, "at /share: must be > 0.0"),
        ({"share": 1}, "at /share: must be < 1.0"),
        ({"is_on": []}, "at /is_on: must be boolean"),
        ({"inner": "a"}, "at /inner: must be object"),
        ({"inner": {}}, "at /inner: must have required property 'mode'"),
        ({"inner": {"mode": "c"}}, "at /inner/mode: must be equal to one of the allowed values"),
        ({"inner": {"mode": "a", "foo": 1}}, "at /inner: unexpected property 'foo'"),
        ({"rows": {}}, "at /rows: must be array"),
        ({"rows": [{"mode": "a"}, {"mode": "b"}]}, "at /rows: must NOT have more than 1 items"),
        ({"rows": [{"mode": 1}]}, "at /rows/0/mode: must be equal to one of the allowed values"),
    ],
)
def test_every_kind_of_problem_has_its_words(change: dict[str, Any], words: str) -> None:
    assert problem_of({"name": "ok", **change}) == words


def test_a_missing_property_of_the_whole_needs_no_place() -> None:
    assert problem_of({}) == "must have required property 'name'"


@pytest.mark.parametrize("data", [[], "x", 1, True])
def test_parameters_that_are_no_object_are_told_so(data: Any) -> None:
    assert problem_of(data) == "at root: must be object"


def test_what_was_sent_is_never_quoted() -> None:
    assert "s3cret" not in problem_of({"name": {"token": "s3cret"}})
