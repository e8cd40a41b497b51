"""Secrets in plain text are found by key, and each gets a name to live under."""

from __future__ import annotations

import pytest

from clawfleet.config.path import parse_path, show_path
from clawfleet.config.plaintext import plain_secrets, variable_for


def test_secrets_are_found_and_references_are_not() -> None:
    source = {
        "gateway": {"auth": {"mode": "token", "token": "plain"}, "port": 1},
        "models": {"providers": {"x": {"apiKey": "${X_API_KEY}", "headers": {"Authorization": "Bearer y"}}}},
        "channels": {"telegram": {"botToken": "$BOT"}, "x": {"token": {"source": "env", "id": "X"}}},
        "env": {"vars": {"A_KEY": "k", "PLAIN": "no secret"}},
        "agents": {"list": [{"id": "a", "token": "t"}]},
    }
    assert [show_path(secret.path) for secret in plain_secrets(source)] == [
        *("gateway.auth.token", "models.providers.x.headers.Authorization"),
        *("env.vars.A_KEY", "agents.list[0].token"),
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("gateway.auth.token", "OPENCLAW_GATEWAY_TOKEN"),
        ("channels.telegram.botToken", "TELEGRAM_BOT_TOKEN"),
        ("models.providers.openai.apiKey", "OPENAI_API_KEY"),
        ('models.providers["custom-127-0-0-1-8317"].apiKey', "CUSTOM_127_0_0_1_8317_API_KEY"),
        ("env.vars.MY_KEY", "MY_KEY"),
        ("env.MY_KEY", "MY_KEY"),
        ("gateway.remote.token", "REMOTE_TOKEN"),
    ],
)
def test_a_name_for_each(path: str, name: str) -> None:
    assert variable_for(parse_path(path)) == name
