"""What providers say of the models they have, in the forms that they use for it. Pure.

Source: models-and-auth §9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clawfleet.models.providers.answer import objects, string

# What servers call the size of a model's context, the size that is really loaded first.
_WINDOWS = (
    *("loaded_context_length", "context_length", "max_model_len", "max_context_length", "context_window"),
    *("inputTokenLimit", "max_input_tokens"),
)
_LIMITS = ("outputTokenLimit", "max_output_tokens", "max_completion_tokens")
_MODALITIES = ("text", "image", "audio", "video")
_NO_CHAT = frozenset({"embedding", "embeddings", "rerank", "audio_transcription", "audio_speech", "image_generation"})


@dataclass(frozen=True, slots=True)
class Offer:
    """One model that a provider says it has; None and False where it does not say."""

    id: str
    context_window: int | None = None
    max_tokens: int | None = None
    input: tuple[str, ...] | None = None
    reasoning: bool = False
    name: str = ""


def offers_in(tree: object) -> tuple[Offer, ...] | None:
    """The models in an answer, each once; None when it is no list of models.

    Read are `{data: […]}`, `{models: […]}` and bare lists, of objects or of names.
    """
    rows = tree.get("data", tree.get("models")) if isinstance(tree, dict) else tree
    if not isinstance(rows, list):
        return None
    return tuple({offer.id: offer for offer in _offers(rows)}.values())


def shown_by_ollama(offer: Offer, told: object) -> Offer | None:
    """`offer` with what Ollama shows of it; None for a model that does not chat."""
    if not isinstance(told, Mapping):
        return offer
    capabilities = told.get("capabilities")
    can = [each for each in capabilities if isinstance(each, str)] if isinstance(capabilities, list) else []
    if can and "completion" not in can:
        return None
    info = told.get("model_info")
    sizes = [value for key, value in info.items() if key.endswith(".context_length")] if isinstance(info, dict) else []
    written = re.search(r"(?m)^num_ctx\s+(\d+)\s*$", string(told.get("parameters")))
    return replace(
        offer,
        context_window=int(written[1]) if written else _size(*sizes),
        input=("text", "image") if "vision" in can else ("text",),
        reasoning="thinking" in can,
    )


def _offers(rows: list[Any]) -> Iterator[Offer]:
    for row in rows:
        told = {"id": row} if isinstance(row, str) else row
        if isinstance(told, Mapping) and _chats(told) and (offer := _offer(told)):
            yield offer


def _offer(row: Mapping[str, Any]) -> Offer | None:
    name = next((value for key in ("id", "key", "model_name", "name") if (value := string(row.get(key)).strip())), "")
    if not name:
        return None
    # LiteLLM and llama.cpp say it a level lower, LM Studio in the loaded instance, OpenRouter of the best host.
    meta, details, best = (_object(row, key) for key in ("meta", "model_info", "top_provider"))
    loaded = [_object(each, "config").get("context_length") for each in objects(row.get("loaded_instances"))]
    windows, limits = ([row.get(key) for key in keys] for keys in (_WINDOWS, _LIMITS))
    shown = string(row.get("display_name")) or string(row.get("displayName"))
    return Offer(
        id=name.removeprefix("models/"),
        context_window=_size(*loaded, *windows, details.get("max_input_tokens"), meta.get("n_ctx_train")),
        max_tokens=_size(*limits, best.get("max_completion_tokens"), details.get("max_output_tokens")),
        input=_input(row, details),
        reasoning=row.get("thinking") is True or "reasoning" in _texts(row.get("supported_parameters")),
        name=shown,
    )


def _chats(row: Mapping[str, Any]) -> bool:
    """Whether a model answers in text, as far as its row says; Google's lists all kinds of models."""
    methods = _texts(row.get("supportedGenerationMethods"))
    if methods and "generateContent" not in methods:
        return False
    kinds = (string(row.get("type")), string(_object(row, "model_info").get("mode")))
    return not _NO_CHAT.intersection(kinds)


def _input(row: Mapping[str, Any], details: Mapping[str, Any]) -> tuple[str, ...] | None:
    said = _texts(_object(row, "architecture").get("input_modalities")) or _texts(row.get("input_modalities"))
    if said:
        return tuple(each for each in _MODALITIES if each in said) or None
    capabilities = row.get("capabilities")
    sees = capabilities.get("vision") if isinstance(capabilities, dict) else None
    sees = sees if isinstance(sees, bool) else details.get("supports_vision")
    if sees is True or row.get("type") == "vlm" or "vision" in _texts(capabilities):
        return ("text", "image")
    return ("text",) if sees is False else None


def _size(*values: object) -> int | None:
    return next((value for value in values if type(value) is int and value > 0), None)


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _object(row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = row.get(key)
    return value if isinstance(value, Mapping) else {}
