"""What a server's process gets of the variables that the config gives it. Pure.

Variables that load code into a program, or decide which one runs, are left out: a config of servers is copied from web
pages more often than it is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_LOADERS = re.compile(
    r"(?:LD|DYLD)_.*|BASH_FUNC_.*|(?:PYTHON(?:STARTUP|PATH|HOME|INSPECT)|NODE_OPTIONS|NODE_PATH|PERL5(?:OPT|LIB)"
    r"|RUBY(?:OPT|LIB)|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|BASH_?ENV|BASHOPTS|SHELLOPTS|ENV|KSH_ENV|ZDOTDIR|PROMPT_COMMAND"
    r"|IFS|GIT_SSH(?:_COMMAND)?|GIT_EXEC_PATH)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def allowed_env(env: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The variables that a server gets, and the names of those that are left out."""
    kept: dict[str, str] = {}
    left_out: list[str] = []
    for name, value in env.items():
        if not _NAME.fullmatch(name) or _LOADERS.fullmatch(name) or "\0" in value:
            left_out.append(name)
        else:
            kept[name] = value
    return kept, sorted(left_out)
