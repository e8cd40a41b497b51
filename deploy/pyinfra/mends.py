"""What helps against what a host said. Pure: text in, words for the operator out."""

from __future__ import annotations

import re

AGAIN = "then run the same command again: it goes on from there"
OTHERWISE = f"mend the cause on the host, {AGAIN}"
SUDO_CURES = (
    ("is not in the sudoers file|is not allowed to|may not run sudo", "give {user} the right to use sudo on that host"),
    ("incorrect password", "correct what connect.sudoPassword refers to, or let {user} use sudo without (NOPASSWD)"),
    ("you must have a tty", "take `requiretty` out of the host's sudoers for {user}"),
    (
        "a password is required|a terminal is required",
        "name the password's source in connect.sudoPassword, or let {user} use sudo without one (NOPASSWD)",
    ),
)
CURES = (
    *SUDO_CURES,
    ("gate failed at", "the log above says why: mend config, secret or release, then deploy again"),
    ("No space left|Disk quota exceeded", f"make room on the host (df -h shows where), {AGAIN}"),
    ("Read-only file system", f"the host's disk is read-only: look at its kernel log (dmesg), {AGAIN}"),
    ("Could not get lock|is another process using it", f"another program installs packages there: wait, {AGAIN}"),
    ("dpkg was interrupted", f"run `dpkg --configure -a` on the host, {AGAIN}"),
    (
        "Temporary failure resolving|Failed to fetch|Unable to fetch|Unable to locate package",
        f"the host cannot reach its package index: install the packages there by hand, {AGAIN}",
    ),
    (
        "[Cc]onnection (was )?(cut|lost|reset|closed|refused|timed out)|closed by remote host|[Bb]roken pipe",
        "run the same command again once the host answers: it goes on from there",
    ),
)
"""What a host says (regular expression) → what helps; the first that fits counts."""


NOISE = "Sorry, try again|sudo: no password was provided"
"""What sudo says besides, when its input ends after one password."""


def mend(said: str, user: str = "the login") -> str:
    """The cure for the failure that these words tell of."""
    cure = next((cure for pattern, cure in CURES if re.search(pattern, said)), OTHERWISE)
    return cure.format(user=user)


def is_sudo(said: str) -> bool:
    """Whether it was sudo that refused."""
    return any(re.search(pattern, said) for pattern, _ in SUDO_CURES)


def last_words(said: str, lines: int = 3) -> str:
    """The end of what was said, on one line."""
    told = [line.strip() for line in said.splitlines() if line.strip() and not re.search(NOISE, line)]
    return " / ".join(told[-lines:])
