"""The table of wire APIs and the class that speaks each; a class is imported when first needed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast

from clawfleet.models.providers.base import Endpoint, Provider

if TYPE_CHECKING:  # loading it loads aiohttp
    from clawfleet.models.providers.http import Http

MakeProvider = Callable[[Endpoint, "Callable[[], Http]"], Provider]
"""An adapter is made from its endpoint and a way to the shared `Http`, which is opened only when asked for."""

ADAPTERS: dict[str, str] = {
    "openai-completions": "clawfleet.models.providers.openai_completions:OpenAICompletions",
    "anthropic-messages": "clawfleet.models.providers.anthropic_messages:AnthropicMessages",
    "google-generative-ai": "clawfleet.models.providers.google_generative_ai:GoogleGenerativeAI",
    "openai-responses": "clawfleet.models.providers.openai_responses:OpenAIResponses",
    "ollama": "clawfleet.models.providers.ollama:Ollama",
    "demo": "clawfleet.models.providers.demo:DemoEcho",
}


def load_adapter(api: str) -> MakeProvider:
    """The class for a wire API of the table. The first call for an API may take a quarter of a second."""
    module, _, name = ADAPTERS[api].partition(":")
    return cast(MakeProvider, getattr(import_module(module), name))
