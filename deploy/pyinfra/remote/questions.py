"""Runs on a host, as root: shell text, one command with its input, or many at once that only look."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

AT_ONCE = 4


def answers(order: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Exit code and both outputs of every question, in the order asked."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(answer, order["questions"]))


def answer(question: str) -> tuple[int, str, str]:
    """What a shell says that is asked nothing more."""
    return run({"command": question, "stdin": ""})


def run(order: dict[str, str]) -> tuple[int, str, str]:
    """Exit code and both outputs of a command that reads `stdin`."""
    done = subprocess.run(
        ["sh", "-c", order["command"]], input=order["stdin"].encode(), capture_output=True, check=False, cwd="/"
    )
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
