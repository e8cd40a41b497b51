"""What the gateway tells of its own work."""

from clawfleet.config.models.diagnostics import Diagnostics


def test_scrapes_are_answered_unless_turned_off() -> None:
    assert Diagnostics().enabled
    assert not Diagnostics.model_validate({"enabled": False}).enabled
