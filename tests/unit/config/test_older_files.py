"""Files of the Node original and of older guides load as they are. Source: config-and-cli §2.5."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.config.env import resolve_instance
from clawfleet.config.load import check_text

OLDER = [
    "{ agents: { list: [{ id: 'main', default: true }] } }",
    "{ identity: { name: 'Clawd', theme: 'space lobster', emoji: '🦞' } }",
    "{ cron: { maxConcurrentRuns: 2 } }",
    "{ gateway: { reload: { mode: 'hot', debounceMs: 300, deferralTimeoutMs: 300000 } } }",
    "{ gateway: { reload: { mode: 'restart' } } }",
    "{ logging: { consoleStyle: 'compact' } }",
    "{ canvasHost: { enabled: false } }",
    "{ env: { MY_KEY: 'v' } }",
    "{ messages: { tts: { auto: 'off' } } }",
    "{ tools: { exec: { timeoutSec: 60 } } }",
    "{ tools: { experimental: {} } }",
    "{ gateway: { tailscale: { mode: 'off', resetOnExit: false } } }",
    "{ gateway: { nodes: { allowCommands: ['x'], denyCommands: ['y'] } } }",
    "{ gateway: { webchat: {} } }",
    "{ session: { idleMinutes: 60 } }",
    "{ session: { threadBindings: { ttlHours: 24 } } }",
    "{ channels: { discord: { threadBindings: { spawnSubagentSessions: true } } } }",
    "{ web: { enabled: true } }",
    "{ agents: { defaults: { embeddedPi: {}, cliBackends: {} } } }",
    "{ gateway: { bind: '10.0.0.1' } }",
    "{ $schema: 'x', meta: { lastTouchedVersion: '1' }, wizard: {} }",
    "{ plugins: {}, skills: {}, mcp: {}, browser: {}, discovery: {}, talk: {}, ui: {}, update: {}, hooks: {} }",
]


@pytest.mark.parametrize("text", OLDER)
def test_an_older_file_loads(tmp_path: Path, text: str) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    assert check_text(instance, text).text == text
