"""Providers known by name: a key in the environment is all they need. Data only.

Rows are listed when their wire API has an adapter. Source: models-and-auth §7.2 and §10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_CONTEXT_WINDOW = 128_000
TEXT: tuple[str, ...] = ("text",)
TEXT_AND_IMAGE: tuple[str, ...] = ("text", "image")


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What is known of one model. `id` is the provider's own name; None as a limit means that none is known.

    `api` and `base_url` where they differ from the provider's; empty otherwise. `levels` is what the provider calls a
    thinking level; None where the model has none such.
    """

    id: str
    name: str = ""
    context_window: int = DEFAULT_CONTEXT_WINDOW
    max_tokens: int | None = None
    reasoning: bool = False
    input: tuple[str, ...] = TEXT
    compat: Mapping[str, object] = field(default_factory=dict)
    api: str = ""
    base_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, object] = field(default_factory=dict)
    levels: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preset:
    """One known provider. The first of `models` is its default; servers without a fixed list have none."""

    base_url: str
    key_names: tuple[str, ...]
    models: tuple[ModelSpec, ...] = ()
    api: str = "openai-completions"
    compat: Mapping[str, object] = field(default_factory=dict)


# The order is the order of preference when several keys are set.
PRESETS: dict[str, Preset] = {
    "openai": Preset(
        "https://api.openai.com/v1",
        ("OPENAI_API_KEY", "CODEX_API_KEY"),
        (
            ModelSpec("gpt-6-astra", "GPT-6 Astra", 200_000, reasoning=True, input=TEXT_AND_IMAGE),
            ModelSpec("gpt-5.4", "GPT-5.4", 200_000, reasoning=True, input=TEXT_AND_IMAGE),
            ModelSpec("gpt-5.4-mini", "GPT-5.4 mini", 200_000, reasoning=True, input=TEXT_AND_IMAGE),
            ModelSpec("gpt-5.4-nano", "GPT-5.4 nano", 200_000, reasoning=True, input=TEXT_AND_IMAGE),
            ModelSpec("gpt-5.2", "GPT-5.2", 200_000, reasoning=True, input=TEXT_AND_IMAGE),
        ),
        api="openai-responses",
    ),
    "anthropic": Preset(
        "https://api.anthropic.com",
        ("ANTHROPIC_OAUTH_TOKEN", "ANTHROPIC_API_KEY"),
        (
            ModelSpec("claude-opus-5", "Claude Opus 5", 200_000, 32_000, reasoning=True, input=TEXT_AND_IMAGE),
            ModelSpec("claude-sonnet-5", "Claude Sonnet 5", 200_000, 32_000, reasoning=True, input=TEXT_AND_IMAGE),
            ModelSpec("claude-opus-4-6", "Claude Opus 4.6", 200_000, 32_000, reasoning=True, input=TEXT_AND_IMAGE),
            ModelSpec("claude-sonnet-4-5", "Claude Sonnet 4.5", 200_000, 32_000, reasoning=True, input=TEXT_AND_IMAGE),
        ),
        api="anthropic-messages",
    ),
    "google": Preset(
        "https://generativelanguage.googleapis.com/v1beta",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        (
            ModelSpec("gemini-3.1-pro-preview", "Gemini 3.1 Pro", 1_048_576, reasoning=True, input=TEXT_AND_IMAGE),
            ModelSpec("gemini-3-flash-preview", "Gemini 3 Flash", 1_048_576, reasoning=True, input=TEXT_AND_IMAGE),
            ModelSpec(
                "gemini-3.1-flash-lite", "Gemini 3.1 Flash Lite", 1_048_576, reasoning=True, input=TEXT_AND_IMAGE
            ),
        ),
        api="google-generative-ai",
    ),
    "openrouter": Preset(
        "https://openrouter.ai/api/v1",
        ("OPENROUTER_API_KEY",),
        (ModelSpec("auto", "OpenRouter Auto", 200_000, input=TEXT_AND_IMAGE),),
    ),
    "cerebras": Preset(
        "https://api.cerebras.ai/v1",
        ("CEREBRAS_API_KEY",),
        (ModelSpec("zai-glm-4.7"), ModelSpec("gpt-oss-120b"), ModelSpec("gemma-4-31b")),
    ),
    "groq": Preset("https://api.groq.com/openai/v1", ("GROQ_API_KEY",), (ModelSpec("llama-3.3-70b-versatile"),)),
    "mistral": Preset("https://api.mistral.ai/v1", ("MISTRAL_API_KEY",), (ModelSpec("mistral-large-latest"),)),
    "deepseek": Preset("https://api.deepseek.com", ("DEEPSEEK_API_KEY",), (ModelSpec("deepseek-v4-pro"),)),
    "moonshot": Preset(
        "https://api.moonshot.ai/v1",
        ("MOONSHOT_API_KEY", "KIMI_API_KEY"),
        (ModelSpec("kimi-k2.6"), ModelSpec("kimi-k3")),
    ),
    "zai": Preset(
        "https://api.z.ai/api/coding/paas/v4",
        ("ZAI_API_KEY", "Z_AI_API_KEY"),
        (ModelSpec("glm-4.7"), ModelSpec("glm-5.2")),
    ),
    "qwen": Preset(
        "https://coding-intl.dashscope.aliyuncs.com/v1",
        ("QWEN_API_KEY", "MODELSTUDIO_API_KEY", "DASHSCOPE_API_KEY"),
        (ModelSpec("qwen3.5-plus"),),
    ),
    "kimi": Preset(
        "https://api.kimi.com/coding",
        ("KIMI_API_KEY", "KIMICODE_API_KEY"),
        (ModelSpec("kimi-for-coding", "Kimi for Coding"), ModelSpec("kimi-code")),
        api="anthropic-messages",
    ),
    "minimax": Preset(
        "https://api.minimax.io/anthropic",
        ("MINIMAX_CODE_PLAN_KEY", "MINIMAX_CODING_API_KEY", "MINIMAX_API_KEY"),
        (ModelSpec("MiniMax-M3"), ModelSpec("MiniMax-M2.7")),
        api="anthropic-messages",
    ),
    "synthetic": Preset(
        "https://api.synthetic.new/anthropic",
        ("SYNTHETIC_API_KEY",),
        (ModelSpec("hf:MiniMaxAI/MiniMax-M3"), ModelSpec("hf:MiniMaxAI/MiniMax-M2.5")),
        api="anthropic-messages",
    ),
    "xai": Preset(
        "https://api.x.ai/v1",
        ("XAI_API_KEY",),
        (ModelSpec("grok-4.7", "Grok 4.7", input=TEXT_AND_IMAGE),),
        api="openai-responses",
    ),
    "opencode": Preset(
        "https://opencode.ai/zen/v1",
        ("OPENCODE_API_KEY", "OPENCODE_ZEN_API_KEY"),
        (ModelSpec("claude-opus-4-6", "Claude Opus 4.6", 200_000, input=TEXT_AND_IMAGE, api="anthropic-messages"),),
    ),
    "opencode-go": Preset(
        "https://opencode.ai/zen/go/v1", ("OPENCODE_API_KEY", "OPENCODE_ZEN_API_KEY"), (ModelSpec("kimi-k2.6"),)
    ),
    "together": Preset("https://api.together.xyz/v1", ("TOGETHER_API_KEY",)),
    "nvidia": Preset("https://integrate.api.nvidia.com/v1", ("NVIDIA_API_KEY",)),
    "litellm": Preset("http://localhost:4000", ("LITELLM_API_KEY",)),
    "ollama": Preset("http://127.0.0.1:11434", ("OLLAMA_API_KEY",), api="ollama"),
    "lmstudio": Preset("http://127.0.0.1:1234/v1", ("LM_API_TOKEN",)),
    "vllm": Preset("http://127.0.0.1:8000/v1", ("VLLM_API_KEY",)),
    "sglang": Preset("http://127.0.0.1:30000/v1", ("SGLANG_API_KEY",)),
}

# Shorthands that everybody knows; an operator's own alias of the same name wins.
ALIASES: dict[str, str] = {
    "opus": "anthropic/claude-opus-5",
    "sonnet": "anthropic/claude-sonnet-5",
    "gpt": "openai/gpt-5.4",
    "gpt-mini": "openai/gpt-5.4-mini",
    "gpt-nano": "openai/gpt-5.4-nano",
    "gemini": "google/gemini-3.1-pro-preview",
    "gemini-flash": "google/gemini-3-flash-preview",
    "gemini-flash-lite": "google/gemini-3.1-flash-lite",
}

DEMO_PROVIDER = "demo"
DEMO_MODEL = ModelSpec("echo", "Demo (repeats what you say)")
