"""What a machine must have for some tests, and what happens when it has not.

A test says what it needs with a marker (`docker`, `browser`, `npm`, `full`), a fixture with `need("docker")`.
A missing part skips the test with a text that names the part and the way to get it.
CLAWFLEET_REQUIRE=docker,browser turns that skip into a failure, for machines that are meant to have the part;
CLAWFLEET_REQUIRE=full is also how the large runs are asked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache

import pytest

REQUIRE_ENV = "CLAWFLEET_REQUIRE"
DOCKER_ANSWER_LIMIT_S = 20.0
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SKIP_PREFIX = "needs "


def need(name: str) -> None:
    """Returns when the part is here; otherwise skips the running test, or fails it when the part is required."""
    reason = missing(name)
    if reason is None:
        return
    text = f"{SKIP_PREFIX}{name}: {reason}"
    if name in required():
        pytest.fail(f"{text} ({REQUIRE_ENV} names {name})", pytrace=False)
    pytest.skip(text)


def required() -> frozenset[str]:
    """The parts that CLAWFLEET_REQUIRE names. Raises ValueError for a part that nothing knows."""
    names = frozenset(name.strip() for name in os.environ.get(REQUIRE_ENV, "").split(",") if name.strip())
    if unknown := names - set(CHECKS):
        raise ValueError(f"{REQUIRE_ENV} names {', '.join(sorted(unknown))}; known are {', '.join(CHECKS)}")
    return names


@cache
def missing(name: str) -> str | None:
    """Why a part cannot be used and how to get it; None when it is here. Looked at once per run."""
    return CHECKS[name]()


def chromium() -> str | None:
    """The path of the browser, if there is one."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def not_run(reasons: Sequence[str]) -> list[str]:
    """One line per missing part out of the reasons of skipped tests: how many tests it kept away, and why."""
    counts: dict[str, int] = {}
    for reason in reasons:
        text = reason.removeprefix("Skipped: ")
        if text.startswith(SKIP_PREFIX):
            counts[text] = counts.get(text, 0) + 1
    return [f"{count} test{'s' if count > 1 else ''} not run, {text}" for text, count in sorted(counts.items())]


def _docker() -> str | None:
    if shutil.which("docker") is None:
        return "the docker command is not installed; your package manager has it (Debian: apt-get install docker.io)"
    ask = ["docker", "version", "--format", "{{.Server.Version}}"]
    try:
        done = subprocess.run(ask, capture_output=True, text=True, timeout=DOCKER_ANSWER_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"the Docker engine did not answer within {DOCKER_ANSWER_LIMIT_S:.0f} s; is it healthy?"
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return f"no Docker engine answers ({said}); start it (systemctl start docker) or join the docker group"
    return None


def _browser() -> str | None:
    if chromium() is None:
        return "Chromium is not installed; your package manager has it (Debian: apt-get install chromium)"
    return None


def _npm() -> str | None:
    if shutil.which("npm") is None:
        return "npm is not installed; get Node.js 20 or newer with npm"
    return None


def _full() -> str | None:
    if "full" in required():
        return None
    return f"a large run; `make test-full` or {REQUIRE_ENV}=full starts it"


CHECKS: dict[str, Callable[[], str | None]] = {"docker": _docker, "browser": _browser, "npm": _npm, "full": _full}
