"""Config files and command lines of OpenClaw's own guides work as they are written. Source: config-and-cli §13."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyjson5
import pytest

OPENCLAW = [sys.executable, "-m", "clawfleet"]

GUIDE = """{
  $schema: "https://openclaw.ai/schema.json",
  identity: { name: "Clawd", theme: "helpful", emoji: "🦞" },
  env: { CEREBRAS_API_KEY: "csk", vars: { TZ: "UTC" }, shellEnv: { enabled: true, timeoutMs: 15000 } },
  logging: { level: "info", consoleLevel: "info", consoleStyle: "compact", redactSensitive: "tools" },
  agents: {
    defaults: {
      workspace: "~/.openclaw/workspace",
      model: { primary: "anthropic/claude-opus-4-6", fallbacks: ["openai/gpt-5.2"] },
      models: {
        "anthropic/claude-opus-4-6": { alias: "opus" }, "cerebras/zai-glm-4.7": { alias: "GLM 4.7 (Cerebras)" },
      },
      timeoutSeconds: 600, maxConcurrent: 3, thinkingDefault: "low", verboseDefault: "off",
      heartbeat: { every: "30m", target: "last" },
      subagents: { maxConcurrent: 1, archiveAfterMinutes: 60 },
      sandbox: {
        mode: "non-main", perSession: true, workspaceRoot: "~/.openclaw/sandboxes",
        docker: {
          image: "openclaw-sandbox:bookworm-slim", workdir: "/workspace", readOnlyRoot: true, tmpfs: ["/tmp"],
          network: "none", user: "1000:1000", capDrop: ["ALL"], env: { LANG: "C.UTF-8" }, pidsLimit: 256,
          memory: "1g", memorySwap: "2g", cpus: 1, setupCommand: "true", binds: [],
        },
        browser: { enabled: false },
        prune: { idleHours: 24, maxAgeDays: 7 },
      },
      embeddedPi: {}, cliBackends: {},
    },
    list: [{ id: "main", default: true, groupChat: { mentionPatterns: ["@clawd"] } }, { id: "coding" }],
  },
  bindings: [{ agentId: "coding", match: { channel: "discord", peer: { kind: "channel", id: "1" } } }],
  channels: {
    telegram: {
      enabled: true, botToken: "${TELEGRAM_BOT_TOKEN}", dmPolicy: "pairing", allowFrom: ["tg:42", 43],
      groupPolicy: "allowlist", groups: { "*": { requireMention: true } }, streaming: "partial",
    },
    discord: { token: "x", threadBindings: { enabled: true, spawnSubagentSessions: true } },
  },
  tools: {
    profile: "coding", deny: ["browser"], experimental: {},
    exec: { backgroundMs: 10000, timeoutSec: 1800, cleanupMs: 1800000 },
    elevated: { enabled: true, allowFrom: {} },
    loopDetection: { enabled: true, historySize: 30 },
  },
  session: { scope: "per-sender", dmScope: "per-channel-peer", idleMinutes: 60, reset: { mode: "daily", atHour: 4 } },
  models: {
    mode: "merge",
    providers: {
      "custom-127-0-0-1-8317": {
        baseUrl: "http://127.0.0.1:8317/v1", apiKey: "${CUSTOM_8317_API_KEY}", api: "openai-completions",
        headers: { "X-Proxy-Region": "us-west" },
        models: [{
          id: "gpt-5.3-codex", name: "GPT", api: "openai-responses", reasoning: false, input: ["text", "image"],
          cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, contextWindow: 128000, maxTokens: 32000,
        }],
      },
    },
  },
  cron: { enabled: true, maxConcurrentRuns: 2, sessionRetention: "24h" },
  hooks: { enabled: true, path: "/hooks", token: "shared" },
  gateway: {
    mode: "local", port: 18789, bind: "loopback",
    controlUi: { enabled: true, basePath: "/openclaw" },
    auth: { mode: "token", token: "${OPENCLAW_GATEWAY_TOKEN}", allowTailscale: true },
    tailscale: { mode: "serve", resetOnExit: false },
    remote: { url: "ws://gateway.tailnet:18789", token: "remote" },
    reload: { mode: "hybrid", debounceMs: 300, deferralTimeoutMs: 1000 },
    http: { endpoints: { chatCompletions: { enabled: true } } },
    nodes: { allowCommands: [], denyCommands: [] }, webchat: {},
  },
  auth: {
    profiles: { "anthropic:me": { provider: "anthropic", mode: "oauth" } }, order: { anthropic: ["anthropic:me"] },
  },
  messages: { tts: {}, ackReaction: "👀" }, commands: { native: "auto", restart: true }, web: { enabled: true },
  canvasHost: { enabled: true }, plugins: { entries: {} }, skills: {}, browser: { enabled: true }, talk: {}, ui: {},
  meta: { lastTouchedVersion: "2026.3.8" }, wizard: {}, discovery: {}, update: {}, mcp: {},
}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".openclaw").mkdir()
    return tmp_path


def openclaw(home: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """One command line as a person runs it, with nothing of this machine's environment."""
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    return subprocess.run(
        [*OPENCLAW, *line], capture_output=True, text=True, env=env, cwd=home, timeout=30, check=False
    )


def config_of(home: Path) -> Any:
    return pyjson5.decode((home / ".openclaw/openclaw.json").read_text(encoding="utf-8"))


def test_a_whole_config_of_the_guides_is_valid(home: Path) -> None:
    """With its variables in .env, nothing missing, and not a byte changed."""
    file = home / ".openclaw/openclaw.json"
    file.write_text(GUIDE, encoding="utf-8")
    (home / ".openclaw/.env").write_text("TELEGRAM_BOT_TOKEN=t\nOPENCLAW_GATEWAY_TOKEN=g\nCUSTOM_8317_API_KEY=k\n")
    done = openclaw(home, "config", "validate")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Config valid: ~/.openclaw/openclaw.json\n")
    assert "Missing env var" not in done.stdout
    assert "Unrecognized key" not in done.stdout
    assert file.read_text(encoding="utf-8") == GUIDE


def test_a_provider_in_four_steps(home: Path) -> None:
    """Each line succeeds; the key is stored as a variable and shown as one."""
    provider = 'models.providers["custom-127-0-0-1-8317"]'
    steps = [
        (f"{provider}.baseUrl", "http://127.0.0.1:8317/v1"),
        (f"{provider}.apiKey", "${CUSTOM_8317_API_KEY}"),
        (f"{provider}.api", "openai-completions"),
        (f"{provider}.models", '[{"id":"gpt-5.3-codex","name":"GPT 5.3"}]', "--json"),
    ]
    for step in steps:
        done = openclaw(home, "config", "set", *step)
        assert (done.returncode, "Updated " in done.stdout) == (0, True), done.stderr
    assert openclaw(home, "config", "get", f"{provider}.apiKey").stdout == "${CUSTOM_8317_API_KEY}\n"
    assert config_of(home)["models"]["providers"]["custom-127-0-0-1-8317"]["models"][0]["id"] == "gpt-5.3-codex"


def test_the_repair_lines_run_blindly(home: Path) -> None:
    """Unsetting what is not set does not stop a script."""
    lines = [("unset", "tools.allow"), ("unset", "tools.deny"), ("set", "tools.profile", "messaging")]
    assert [openclaw(home, "config", *line).returncode for line in lines] == [0, 0, 0]
    assert config_of(home)["tools"] == {"profile": "messaging"}


@pytest.mark.parametrize(
    "line",
    [
        ("get", "gateway.nope", "--json"),
        ("get", "gateway.mode", "--json"),
        ("set", "gateway.port", "abc", "--json"),
        ("set", "gateway.port", "1", "--json"),
        ("set", "gateway.port", "1", "--json", "--dry-run"),
        ("unset", "tools.allow", "--json"),
        ("validate", "--json"),
        ("file", "--json"),
        ("get", "--json"),
        ("get", "a", "b", "--json"),
    ],
)
def test_json_output_is_one_document(home: Path, line: tuple[str, ...]) -> None:
    """Also on failure, whatever else is printed goes to stderr."""
    json.loads(openclaw(home, "config", *line).stdout)
