"""What a .env that came with a checkout may set."""

from __future__ import annotations

import pytest

from clawfleet.config.untrusted import may_come_from_checkout


@pytest.mark.parametrize(
    "name",
    [
        "OPENCLAW_STATE_DIR",
        "openclaw_profile",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_OAUTH_TOKEN",
        "OPENAI_BASE_URL",
        "X_API_HOST",
        "X_ENDPOINT",
        "MATRIX_HOMESERVER",
        "https_proxy",
        "ALL_PROXY",
        "LD_PRELOAD",
        "PYTHONPATH",
        "NODE_OPTIONS",
        "PATH",
        "DOCKER_HOST",
        "DOCKER_CERT_PATH",
        "SSL_CERT_FILE",
        "TMPDIR",
        "NOTIFY_SOCKET",
    ],
)
def test_what_could_redirect_or_replace_is_dropped(name: str) -> None:
    """Endpoints, keys, proxies, engines, certificates, loaders, and everything of the gateway's own."""
    assert not may_come_from_checkout(name)


@pytest.mark.parametrize("name", ["CUSTOM_8317_API_KEY", "TELEGRAM_BOT_TOKEN", "MY_VAR", "DATABASE_URL"])
def test_the_operators_own_names_pass(name: str) -> None:
    """They mean nothing unless the config asks for them."""
    assert may_come_from_checkout(name)
