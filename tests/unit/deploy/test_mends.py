"""What an operator is told to do about a host's words."""

from __future__ import annotations

import pytest

from mends import is_sudo, last_words, mend


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("sudo: a password is required", "connect.sudoPassword"),
        ("sudo: 1 incorrect password attempt", "correct what connect.sudoPassword refers to"),
        ("deploy is not in the sudoers file.", "give deploy the right to use sudo"),
        ("sudo: sorry, you must have a tty to run sudo", "requiretty"),
        ("OSError: [Errno 28] No space left on device", "make room"),
        ("mktemp: failed to create file: Read-only file system", "dmesg"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", "wait"),
        ("Temporary failure resolving 'mirror.example'", "by hand"),
        ("client_loop: send disconnect: Broken pipe", "once the host answers"),
        ("edge/ops: gate failed at readyz after 60 s", "the log above says why"),
        ("something unheard of", "mend the cause on the host"),
    ],
)
def test_every_known_cause_has_its_cure(said: str, cure: str) -> None:
    """And an unknown one at least says that the run may be repeated."""
    assert cure in mend(said, "deploy")


def test_sudo_is_told_from_other_refusals() -> None:
    """A full disk is not a matter of rights."""
    assert is_sudo("sudo: a password is required")
    assert not is_sudo("No space left on device")


def test_the_end_of_what_was_said_without_what_sudo_says_besides() -> None:
    """One attempt on a pipe makes sudo ask again, which nobody typed."""
    said = "Sorry, try again.\nsudo: no password was provided\n\nsudo: 1 incorrect password attempt\n"
    assert last_words(said) == "sudo: 1 incorrect password attempt"
    assert last_words("a\nb\nc\nd") == "b / c / d"
