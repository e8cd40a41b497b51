"""Variables of the operator's login shell, for gateways that were not started from one. Source: config-and-cli §2.4."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import lru_cache

MARK = "__openclaw_env__"
"""Comes before the variables: what a shell's start-up files print stands before it."""


@lru_cache(maxsize=4)
def login_shell_variables(shell: str, home: str, timeout_ms: int) -> Mapping[str, str]:
    """What a login shell exports, asked once in a process; nothing when it cannot be asked in time."""
    try:
        done = subprocess.run(  # the account's own shell
            [shell or "/bin/sh", "-l", "-c", f"printf '%s\\0' {MARK}; env -0"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={"HOME": home, "SHELL": shell, "PATH": "/usr/local/bin:/usr/bin:/bin"},
            timeout=timeout_ms / 1000,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    _, _, text = done.stdout.decode("utf-8", "replace").partition(f"{MARK}\0")
    rows = (row.partition("=") for row in text.split("\0") if "=" in row)
    return {name: value for name, _, value in rows}
