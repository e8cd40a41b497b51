"""The small facts that adapters keep for everybody."""

from clawfleet.channels.base import Account, Link


def test_a_link_is_connected_between_up_and_down_and_remembers_who_we_are() -> None:
    link = Link()
    assert not link.connected
    link.up("@clawy_bot")
    assert link.connected and link.identity == "@clawy_bot" and link.last_seen_at_ms
    link.down()
    assert not link.connected and link.identity == "@clawy_bot"


def test_a_sign_of_life_does_not_make_a_connection() -> None:
    link = Link()
    link.seen()
    assert link.last_seen_at_ms and not link.connected


def test_an_account_is_configured_when_its_adapter_can_be_built_and_never_shows_its_settings() -> None:
    usable = Account("telegram", "default", True, "polling", "config", settings="123:secret")
    assert usable.configured and "secret" not in repr(usable)
    assert not Account("telegram", "default", True, "polling", "none").configured
