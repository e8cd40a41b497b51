"""What is wrong with parameters, in the words that clients of the protocol know. Pure. Source: protocol §7."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_WORDS = {
    **dict.fromkeys(("string_type", "string_unicode"), "must be string"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), "must be integer"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "must be number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be boolean"),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), "must be array"),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), "must be object"),
    "literal_error": "must be equal to one of the allowed values",
    "string_too_short": "must NOT have fewer than {min_length} characters",
    "string_too_long": "must NOT have more than {max_length} characters",
    "too_short": "must NOT have fewer than {min_length} items",
    "too_long": "must NOT have more than {max_length} items",
    "greater_than": "must be > {gt}",
    "greater_than_equal": "must be >= {ge}",
    "less_than": "must be < {lt}",
    "less_than_equal": "must be <= {le}",
}
"""By pydantic's name of the problem; `{…}` is filled from what it tells of the limit."""


def first_problem(error: ValidationError) -> str:
    """The first thing wrong with parameters: where, and what was expected.

    A missing property is named after its object, an unknown one too: `at /client: must have required property 'mode'`.
    """
    problem = error.errors(include_url=False, include_input=False)[0]
    path = [str(part) for part in problem["loc"]]
    above = f"at /{'/'.join(path[:-1])}: " if len(path) > 1 else ""
    match problem["type"]:
        case "missing":
            return f"{above}must have required property '{path[-1]}'"
        case "extra_forbidden":
            return f"{above or 'at root: '}unexpected property '{path[-1]}'"
        case _:
            return f"at {'/' + '/'.join(path) if path else 'root'}: {_expected(problem)}"


def _expected(problem: ErrorDetails) -> str:
    if words := _WORDS.get(problem["type"]):
        return words.format(**problem.get("ctx", {}))
    return f"{problem['msg'][0].lower()}{problem['msg'][1:]}"
