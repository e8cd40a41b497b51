"""`memory.search`: where texts become vectors."""

from clawfleet.config.models.memory import Memory
from clawfleet.config.models.root import Config


def test_nothing_is_said_by_itself() -> None:
    assert Config().memory == Memory() and Memory().search.provider is None


def test_a_key_of_its_own_stays_unseen() -> None:
    written = {"search": {"provider": "x", "remote": {"apiKey": "s-ecret", "headers": {"x": "h-ecret"}}}}
    shown = repr(Memory.model_validate(written))
    assert "s-ecret" not in shown and "h-ecret" not in shown
