"""The rules of the house: each takes the root of a checkout and returns what breaks it, one text per place.

A text is `<subject>: <what is wrong>`; the subject is a file below the root, or the name of a method, command or key.
Rules only read. A part of the house that does not exist yet breaks nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.structure.conduct import environment_is_read_in_one_place, pure_rooms_do_no_io, tasks_start_in_one_place
from tests.structure.documented import commands_are_documented, config_keys_are_documented, rpc_methods_are_documented
from tests.structure.layers import deploy_stays_outside, imports_point_down, no_import_cycles
from tests.structure.shape import (
    files_are_python,
    files_are_short,
    functions_are_short,
    modules_have_tests,
    names_say_something,
)

Rule = Callable[[Path], list[str]]

RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        imports_point_down,
        no_import_cycles,
        deploy_stays_outside,
        pure_rooms_do_no_io,
        tasks_start_in_one_place,
        environment_is_read_in_one_place,
        files_are_python,
        files_are_short,
        functions_are_short,
        names_say_something,
        modules_have_tests,
        rpc_methods_are_documented,
        commands_are_documented,
        config_keys_are_documented,
    )
}
