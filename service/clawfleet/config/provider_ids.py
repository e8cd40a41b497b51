"""How provider ids are spelt, and which providers are known without being described. Source: models-and-auth §2.1."""

from __future__ import annotations

_SAME_PROVIDER = {
    "z.ai": "zai",
    "z-ai": "zai",
    "x-ai": "xai",
    "kimi-coding": "kimi",
    "moonshotai": "moonshot",
    "moonshot-ai": "moonshot",
    "qwencloud": "qwen",
    "modelstudio": "qwen",
    "dashscope": "qwen",
}

KNOWN_PROVIDERS = frozenset(
    (
        *("openai", "openrouter", "cerebras", "groq", "mistral", "deepseek", "moonshot", "zai", "qwen"),
        *("anthropic", "google", "kimi", "minimax", "synthetic", "xai", "opencode", "opencode-go"),
        *("together", "nvidia", "litellm", "ollama", "lmstudio", "vllm", "sglang"),
    )
)
"""Whose entry needs only what differs. `models.presets` has what is known of each."""


def provider_id(text: str) -> str:
    """The one spelling of a provider id: trimmed, lower-case, known doubles folded."""
    name = text.strip().lower()
    return _SAME_PROVIDER.get(name, name)
