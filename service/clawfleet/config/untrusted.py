"""Which variables a `.env` in the working directory may set: it came with a checkout, not from the operator.

It may not move the gateway, redirect a provider, replace a provider's key, choose the Docker engine that sandboxes run
in, say whose certificates are trusted, or change how programs are loaded. Source: config-and-cli §2.4.
"""

from __future__ import annotations

_PREFIXES = ("OPENCLAW_", "DOCKER_", "LD_", "DYLD_", "PYTHON")
_SUFFIXES = ("_API_HOST", "_BASE_URL", "_ENDPOINT", "_HOMESERVER", "_OAUTH_TOKEN", "_PROXY")
_NAMES = frozenset(
    {
        *("HOME", "PATH", "SHELL", "ENV", "BASH_ENV", "NODE_OPTIONS", "HF_TOKEN", "HUGGINGFACE_HUB_TOKEN"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR", "NOTIFY_SOCKET"),
    }
)
_KEY_SUFFIX = "_API_KEY"
_PROVIDERS = frozenset(
    [
        "AI_GATEWAY",
        "ANTHROPIC",
        "CEREBRAS",
        "CODEX",
        "DASHSCOPE",
        "DEEPSEEK",
        "FIREWORKS",
        "GEMINI",
        "GOOGLE",
        "GROQ",
        "KIMI",
        "KIMICODE",
        "LITELLM",
        "LM_STUDIO",
        "MINIMAX",
        "MINIMAX_CODING",
        "MISTRAL",
        "MODELSTUDIO",
        "MOONSHOT",
        "NVIDIA",
        "OLLAMA",
        "OPENAI",
        "OPENCODE",
        "OPENCODE_ZEN",
        "OPENROUTER",
        "PERPLEXITY",
        "QWEN",
        "SGLANG",
        "SYNTHETIC",
        "TOGETHER",
        "VENICE",
        "VLLM",
        "VOLCANO_ENGINE",
        "VOYAGE",
        "XAI",
        "ZAI",
        "Z_AI",
    ]
)

EXPECTED = frozenset(
    {
        *(f"{name}{_KEY_SUFFIX}" for name in _PROVIDERS),
        *("OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD", "TELEGRAM_BOT_TOKEN", "DISCORD_BOT_TOKEN"),
        *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
    }
)
"""What a gateway may need of a login shell."""


def may_come_from_checkout(name: str) -> bool:
    """Whether a `.env` in the working directory may set `name`."""
    upper = name.upper()
    if upper in _NAMES or upper.startswith(_PREFIXES) or upper.endswith(_SUFFIXES):
        return False
    return not (upper.endswith(_KEY_SUFFIX) and upper.removesuffix(_KEY_SUFFIX) in _PROVIDERS)
