"""Channel failures say what to do about them."""

import pytest

from clawfleet.channels import failures
from clawfleet.core.errors import ChannelError


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (failures.PollerConflict("telegram", "ops"), "another poller uses the token", "stop the other gateway"),
        (failures.TokenRejected("telegram", "channels.telegram.botToken"), "does not accept", "botToken"),
        (failures.LibraryMissing("telegram", "telegram"), "not installed", "pip install 'clawfleet[telegram]'"),
        (failures.NoSuchAccount("telegram", "ops"), "ops is not running", "channels status"),
    ],
)
def test_a_failure_names_the_cure(error: ChannelError, said: str, hint: str) -> None:
    assert said in error.message
    assert error.hint is not None and hint in error.hint


def test_a_pause_is_kept_as_a_number_and_said() -> None:
    error = failures.TooFast("telegram", 2)
    assert error.retry_after_s == 2 and "2 s" in error.message


def test_refused_markup_is_a_refused_message() -> None:
    assert issubclass(failures.MarkupRefused, failures.SendRefused)


def test_every_failure_has_a_code_of_its_own() -> None:
    leaves = [leaf for leaf in vars(failures).values() if isinstance(leaf, type) and issubclass(leaf, ChannelError)]
    assert len({leaf.code for leaf in leaves}) == len(leaves) > 6
