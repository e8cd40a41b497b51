"""How an OpenAI-like endpoint deviates from OpenAI's own: what the host is known for, then what the operator says.

Pure. Source: models-and-auth §3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from clawfleet.models.hosts import host_of, nearness

MaxTokensField = Literal["max_tokens", "max_completion_tokens"]
ThinkingFormat = Literal["openai", "openrouter", "qwen", "qwen-chat-template", "deepseek", "zai", "together"]

_OPENAI_HOST = "api.openai.com"
_SHORT_LIMIT_DOMAINS = (
    *("mistral.ai", "moonshot.ai", "moonshot.cn", "z.ai", "bigmodel.cn", "together.xyz", "chutes.ai"),
    "cloudflare.com",
)
_KNOWN_DOMAINS = (
    *_SHORT_LIMIT_DOMAINS,
    *("openai.com", "openrouter.ai", "groq.com", "deepseek.com", "cerebras.ai", "nvidia.com", "x.ai"),
    *("aliyuncs.com", "fireworks.ai", "opencode.ai", "vercel.sh", "venice.ai"),
)
_REASONING_DOMAINS = ("deepseek.com", "moonshot.ai", "moonshot.cn", "kimi.com")
"""Whose models want to see, beside the results of their tools, what they thought when they called them."""


@dataclass(frozen=True, slots=True)
class Compat:
    """What one endpoint understands. The defaults are OpenAI's own."""

    supports_tools: bool = True
    requires_string_content: bool = False
    supports_developer_role: bool = True
    max_tokens_field: MaxTokensField = "max_completion_tokens"
    supports_usage_in_streaming: bool = True
    strict_message_keys: bool = False
    supports_reasoning_effort: bool = True
    thinking_format: ThinkingFormat = "openai"
    replays_reasoning: bool = False
    requires_reasoning_content: bool = False
    requires_thinking_as_text: bool = False
    requires_tool_result_name: bool = False
    requires_assistant_after_tool_result: bool = False
    supports_store: bool = False
    supports_prompt_cache_key: bool = True
    supports_strict_mode: bool = False
    supports_temperature: bool = True
    supports_json_schema: bool = True

    @property
    def keeps_reasoning(self) -> bool:
        """Whether the model's reasoning has to go back to it."""
        return self.replays_reasoning or self.requires_reasoning_content or self.requires_thinking_as_text


def compat_of(base_url: str, said: Mapping[str, object]) -> Compat:
    """The deviations of the endpoint at `base_url`; `said` is the operator's `compat` object and wins.

    A key of `said` with a value of the wrong type counts as not said.
    """
    host = host_of(base_url)
    is_openai = host == _OPENAI_HOST

    def flag(key: str, default: bool) -> bool:
        value = said.get(key)
        return value if isinstance(value, bool) else default

    limit_field = said.get("maxTokensField")
    return Compat(
        supports_tools=flag("supportsTools", True),
        requires_string_content=flag("requiresStringContent", False),
        supports_developer_role=flag("supportsDeveloperRole", is_openai),
        max_tokens_field=_limit_field(limit_field, host),
        supports_usage_in_streaming=flag("supportsUsageInStreaming", _reports_usage(base_url, host)),
        strict_message_keys=flag("strictMessageKeys", False),
        supports_reasoning_effort=flag("supportsReasoningEffort", is_openai),
        thinking_format=_thinking_format(said.get("thinkingFormat")),
        replays_reasoning=_is_under(host, _REASONING_DOMAINS),
        requires_reasoning_content=flag("requiresReasoningContentOnAssistantMessages", False),
        requires_thinking_as_text=flag("requiresThinkingAsText", False),
        requires_tool_result_name=flag("requiresToolResultName", False),
        requires_assistant_after_tool_result=flag("requiresAssistantAfterToolResult", False),
        supports_store=flag("supportsStore", False),
        supports_prompt_cache_key=flag("supportsPromptCacheKey", is_openai),
        supports_strict_mode=flag("supportsStrictMode", False),
        supports_temperature=flag("supportsTemperature", True),
        supports_json_schema=flag("supportsJsonSchemaResponseFormat", True),
    )


def _thinking_format(said: object) -> ThinkingFormat:
    return next((name for name in get_args(ThinkingFormat) if name == said), "openai")


def _limit_field(said: object, host: str) -> MaxTokensField:
    if said == "max_tokens" or (said != "max_completion_tokens" and _is_under(host, _SHORT_LIMIT_DOMAINS)):
        return "max_tokens"
    return "max_completion_tokens"


def _reports_usage(base_url: str, host: str) -> bool:
    """Unknown remote servers have refused `stream_options`; local ones and the known clouds accept it."""
    return nearness(base_url) != "remote" or _is_under(host, _KNOWN_DOMAINS)


def _is_under(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
