"""What may break a rule for now: the subjects of its violations, by rule. These lists may only shrink.

`MOST` is how many each list may hold: lower it with every entry that goes, never raise it.
An entry that excuses nothing any more fails the tests until it is taken out.
"""

from __future__ import annotations

EXCEPTIONS: dict[str, frozenset[str]] = {
    "imports_point_down": frozenset(),
    "no_import_cycles": frozenset(),
    "deploy_stays_outside": frozenset(),
    "pure_rooms_do_no_io": frozenset(),
    "tasks_start_in_one_place": frozenset(),
    "environment_is_read_in_one_place": frozenset(),
    "files_are_python": frozenset(),
    "files_are_short": frozenset(),
    "functions_are_short": frozenset(),
    "names_say_something": frozenset(),
    "modules_have_tests": frozenset(),
    "rpc_methods_are_documented": frozenset(),
    "commands_are_documented": frozenset(),
    "config_keys_are_documented": frozenset(),
}
MOST: dict[str, int] = {
    "imports_point_down": 0,
    "no_import_cycles": 0,
    "deploy_stays_outside": 0,
    "pure_rooms_do_no_io": 0,
    "tasks_start_in_one_place": 0,
    "environment_is_read_in_one_place": 0,
    "files_are_python": 0,
    "files_are_short": 0,
    "functions_are_short": 0,
    "names_say_something": 0,
    "modules_have_tests": 0,
    "rpc_methods_are_documented": 0,
    "commands_are_documented": 0,
    "config_keys_are_documented": 0,
}
