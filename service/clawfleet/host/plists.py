"""One gateway as a launchd property list, and back. Decides the bytes only; the caller reads the template.

Built by `plistlib` and never by text templates: paths hold `&` and `<`. Policy: the files in `deploy/launchd/`;
source: config-and-cli §5.3, deploy §4.3.
"""

from __future__ import annotations

import plistlib
from collections.abc import Mapping
from typing import Any
from xml.parsers.expat import ExpatError

from clawfleet.host.definitions import Definition
from clawfleet.host.units import LABEL_VARIABLE, UnitLimits, UnitSpec, UnitTextError, description, environment

EXIT_TIMEOUT_S = 20
"""launchd kills a service that stops for longer."""


def render_plist(template: bytes, spec: UnitSpec, log_file: str) -> bytes:
    """The property list of a service whose label is `spec.unit`. Raises UnitTextError for control characters.

    Errors go to `<log_file>` with `.err` before its suffix.
    """
    errors = f"{log_file.removesuffix('.log')}.err.log"
    variables = environment(spec, LABEL_VARIABLE)
    table: dict[str, Any] = {
        "Label": spec.unit,
        "Comment": description(spec),
        "ProgramArguments": list(spec.command),
        "WorkingDirectory": spec.state_dir,
        "EnvironmentVariables": variables,
        "StandardOutPath": log_file,
        "StandardErrorPath": errors,
        "ExitTimeOut": spec.limits.stop_timeout_s,
        **plistlib.loads(template),
    }
    if spec.scope == "system":
        table["UserName"] = spec.user
    for text in (*spec.command, *variables.values(), log_file, spec.user, spec.state_dir):
        if any(ord(char) < 32 or ord(char) == 127 for char in text):
            raise UnitTextError("a property list cannot hold a value with a line break or control character")
    return plistlib.dumps(table)


def read_plist(data: bytes) -> Definition:
    """The definition in a property list. Raises UnitTextError when it is none."""
    try:
        table = plistlib.loads(data)
    except (ValueError, ExpatError) as error:
        raise UnitTextError("this is not a property list", hint="openclaw gateway install --force") from error
    if not isinstance(table, Mapping):
        raise UnitTextError("this property list describes no service", hint="openclaw gateway install --force")
    variables = table.get("EnvironmentVariables")
    seconds = table.get("ExitTimeOut")
    return Definition(
        command=tuple(str(word) for word in table.get("ProgramArguments") or ()),
        environment={str(k): str(v) for k, v in variables.items()} if isinstance(variables, Mapping) else {},
        user=str(table.get("UserName") or ""),
        limits=UnitLimits(stop_timeout_s=seconds if isinstance(seconds, int) else EXIT_TIMEOUT_S),
    )
