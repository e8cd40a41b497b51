"""Texts as vectors: which model makes them, and how the wire of its provider is asked.

`target_of` decides, `question` and `vectors_in` are the wires; `embed` moves the bytes.
Source: models-and-auth §7.3 and §12, http-and-web §8.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from clawfleet.config.models.memory import MemorySearch
from clawfleet.config.models.root import Config
from clawfleet.config.provider_ids import provider_id
from clawfleet.core.errors import RequestError
from clawfleet.models.credentials import Credential
from clawfleet.models.hosts import public_url
from clawfleet.models.overrides import headers_of
from clawfleet.models.providers.answer import count, objects
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.failures import RateLimited, Site, bad_reply, no_key, variable_unset
from clawfleet.models.setups import ProviderSetup

DEFAULT_PROVIDER = "openai"
ELSEWHERE = "openai-compatible"
_OTHER_NAMES = {"gemini": "google"}
_MODELS = {
    "openai": "text-embedding-3-small",
    "google": "gemini-embedding-001",
    "mistral": "mistral-embed",
    "ollama": "nomic-embed-text",
}


class NoEmbeddings(RequestError):
    """No model makes vectors here, or another one is wanted than the configured provider's."""

    code = "NO_EMBEDDINGS"


@dataclass(frozen=True, slots=True)
class Target:
    """One model that makes vectors, at its provider, with what the operator says of where."""

    setup: ProviderSetup
    model: str


@dataclass(frozen=True, slots=True)
class Vectors:
    """One vector for each text, in their order, and how many tokens were read."""

    rows: tuple[tuple[float, ...], ...]
    tokens: int


def target_of(config: Config, setups: Mapping[str, ProviderSetup], wanted: str | None = None) -> Target:
    """The model that makes vectors; `wanted` is a `provider/model` of the same provider. Raises `NoEmbeddings`."""
    search = _search(config)
    written = (search.provider or (ELSEWHERE if search.remote.base_url else DEFAULT_PROVIDER)).strip().lower()
    name = provider_id(_OTHER_NAMES.get(written, written))
    model = search.model or _MODELS.get(name, "")
    if wanted:
        provider, _, model = wanted.partition("/")
        if provider_id(_OTHER_NAMES.get(provider, provider)) not in (name, written) or not model:
            raise NoEmbeddings("This agent does not allow that embedding provider on `/v1/embeddings`.")
    setup = ProviderSetup(ELSEWHERE, "", "openai-completions", Credential()) if name == ELSEWHERE else setups.get(name)
    if setup is None:
        raise NoEmbeddings(
            f'Unknown provider "{written}" in memory.search', hint="providers are configured under models.providers"
        )
    if not model:
        raise NoEmbeddings(f"memory.search.model is not set, and {name} has no usual one", hint="set it")
    if not (search.remote.base_url or setup.base_url):
        raise NoEmbeddings("memory.search.remote.baseUrl is not set", hint="set it, or choose another provider")
    return Target(_at(setup, search), model)


def question(target: Target, texts: Sequence[str], dimensions: int | None) -> tuple[str, dict[str, object]]:
    """The address and the body that ask for vectors."""
    base, model = target.setup.base_url.rstrip("/"), target.model
    size: dict[str, object] = {} if dimensions is None else {"dimensions": dimensions}
    if target.setup.api == "google-generative-ai":
        name = f"models/{model.removeprefix('models/')}"
        more = {} if dimensions is None else {"outputDimensionality": dimensions}
        asked = [{"model": name, "content": {"parts": [{"text": text}]}, **more} for text in texts]
        return f"{base}/{quote(name, safe='/@:-._~')}:batchEmbedContents", {"requests": asked}
    if target.setup.api == "ollama":
        root = base.removesuffix("/v1").removesuffix("/api")
        return f"{root}/api/embed", {"model": model, "input": list(texts), **size}
    return f"{base}/embeddings", {"model": model, "input": list(texts), "encoding_format": "float", **size}


def vectors_in(tree: object, api: str) -> Vectors | None:
    """The vectors in an answer; None when it holds none."""
    if not isinstance(tree, Mapping):
        return None
    if api == "google-generative-ai":
        found: list[object] = [row.get("values") for row in objects(tree.get("embeddings"))]
        tokens = 0
    elif api == "ollama":
        given = tree.get("embeddings")
        found, tokens = list(given) if isinstance(given, list) else [], count(tree.get("prompt_eval_count"))
    else:
        rows = sorted(objects(tree.get("data")), key=lambda row: count(row.get("index")))
        found, usage = [row.get("embedding") for row in rows], tree.get("usage")
        tokens = count(usage.get("prompt_tokens")) if isinstance(usage, Mapping) else 0
    if not found or not all(map(_is_vector, found)):
        return None
    return Vectors(tuple(tuple(map(float, row)) for row in found if isinstance(row, list)), tokens)


async def embed(
    http: Callable[[], Any], target: Target, texts: Sequence[str], dimensions: int | None = None
) -> Vectors:
    """The vectors of `texts`. Plain keys take turns at rate limits. Raises a leaf of `CallFailed`."""
    setup = target.setup
    site = Site(setup.id, target.model, public_url(setup.base_url), setup.credential.source)
    if setup.unset:
        raise variable_unset(site, str(setup.unset), setup.unset.name)
    if setup.lacks_key:
        raise no_key(site, setup.key_names or ("memory.search.remote.apiKey",), setup.credential.problem)
    keys = list({key.key: key for key in (setup.credential, *setup.keys)}.values())
    for number, key in enumerate(keys, start=1):
        try:
            return await _once(http, replace(target, setup=replace(setup, credential=key)), texts, dimensions)
        except RateLimited:
            if number == len(keys):
                raise
    raise AssertionError("a provider has at least one credential, be it an empty one")


async def _once(http: Callable[[], Any], target: Target, texts: Sequence[str], dimensions: int | None) -> Vectors:
    setup = target.setup
    endpoint = setup.endpoint
    site = Site.of(endpoint, target.model)
    url, body = question(target, texts, dimensions)
    async with http().send(Call(url, body, _auth(setup), endpoint, site)) as reply:
        text = await reply.whole()
    try:
        found = vectors_in(json.loads(text), setup.api)
    except (ValueError, RecursionError):
        found = None
    if found is None or len(found.rows) != len(texts):
        raise bad_reply(site, f"the provider did not answer {len(texts)} texts with as many vectors.")
    return found


def _auth(setup: ProviderSetup) -> dict[str, str]:
    key = setup.credential.key
    if not key:
        return {}
    return {"x-goog-api-key": key} if setup.api == "google-generative-ai" else {"authorization": f"Bearer {key}"}


def _search(config: Config) -> MemorySearch:
    """`memory.search`, or what older configs have in its place."""
    own = config.memory.search
    return own if own != MemorySearch() else config.agents.defaults.memory_search


def _at(setup: ProviderSetup, search: MemorySearch) -> ProviderSetup:
    """The provider, at the address and with the key that are written for vectors alone."""
    remote = search.remote
    if remote.api_key:
        key = Credential(remote.api_key.get_secret_value().strip(), "memory.search.remote.apiKey")
        setup = replace(setup, credential=key, keys=(key,), unset=None)
    elif remote.base_url and remote.base_url != setup.base_url:
        # The key of one server is not shown to another.
        setup = replace(setup, credential=Credential(), keys=())
    headers = {**setup.headers, **headers_of(remote.headers)}
    return replace(setup, base_url=remote.base_url or setup.base_url, headers=headers)


def _is_vector(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(number, int | float) for number in value)
