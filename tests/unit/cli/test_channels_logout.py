"""`openclaw channels logout`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import FakeGateway, Home, OpenClaw

CONFIG = {"channels": {"telegram": {"botToken": "12:ab", "dmPolicy": "disabled"}}}


def test_without_a_gateway_the_config_forgets(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(CONFIG))
    done = openclaw("channels", "logout", "--channel", "telegram", TELEGRAM_BOT_TOKEN="34:cd")
    assert done.stdout == 'Logged out of Telegram account "default".\n'
    assert "still has a token" in done.stderr
    assert json.loads(home.config_path.read_text())["channels"]["telegram"] == {"dmPolicy": "disabled"}
    again = openclaw("channels", "logout", "--channel", "telegram")
    assert again.stdout == 'The config has no credentials of Telegram account "default".\n'


def test_a_running_gateway_does_it(own: FakeGateway, home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(json.loads(home.config_path.read_text()) | CONFIG))
    answer = {"channel": "telegram", "accountId": "default", "cleared": True, "loggedOut": True, "envToken": False}
    own.answers["channels.logout"] = answer
    assert json.loads(openclaw("channels", "logout", "--channel", "telegram", "--json").stdout) == answer
    assert own.calls("channels.logout") == [{"channel": "telegram", "accountId": "default"}]


def test_a_gateway_that_has_not_heard_of_the_account_is_no_obstacle(
    own: FakeGateway, home: Home, openclaw: OpenClaw
) -> None:
    home.write_config(json.dumps(json.loads(home.config_path.read_text()) | CONFIG))
    refusals = iter(["INVALID_REQUEST", "UNAVAILABLE"])
    own.answers["channels.logout"] = lambda gateway, peer, request: gateway.fail(
        peer, request, {"code": next(refusals), "message": "invalid channels.logout channel"}
    )
    assert openclaw("channels", "logout", "--channel", "telegram").exit_code == 0
    assert "botToken" not in home.config_path.read_text()
    assert openclaw("channels", "logout", "--channel", "telegram").exit_code == 1
