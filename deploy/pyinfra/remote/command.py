"""Runs on a host: a gateway's own command, as its user and for this gateway. Standard library only."""

from __future__ import annotations

import subprocess
from typing import Any

from machine import as_user
from places import HAS_LAUNCHD

LIMIT_S = 3600
PATH = f"PATH={'/opt/homebrew/bin:' if HAS_LAUNCHD else ''}/usr/local/bin:/usr/bin:/bin"


class CommandError(Exception):
    """A command of a gateway's user failed; the text is what it said."""


def openclaw(spec: dict[str, Any], *words: str, limit_s: float = LIMIT_S) -> str:
    """What the command printed; it reads its secrets from `.env`, and none is in its arguments. Raises CommandError."""
    program = f"{spec['link']}/bin/openclaw"
    named = ["--profile", spec["profile"]] if spec["profile"] else []
    place = [f"OPENCLAW_STATE_DIR={spec['stateDir']}", f"OPENCLAW_CONFIG_PATH={spec['config']}"]
    env = ["env", "-i", f"HOME={spec['home']}", PATH, "LANG=C.UTF-8", *place]
    return run(as_user(spec["user"], [*env, program, *named, *words]), limit_s)


def run(words: list[str], limit_s: float) -> str:
    """Standard output. Raises CommandError."""
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            timeout=limit_s,
            start_new_session=True,  # without the terminal that root may sit at
        )
    except subprocess.TimeoutExpired:
        raise CommandError(f"no answer within {limit_s:.0f} s") from None
    except OSError as error:
        raise CommandError(str(error)) from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().removeprefix("✗ ")
        raise CommandError(said[-600:] or f"{words[0]} ended with {done.returncode}")
    return done.stdout
