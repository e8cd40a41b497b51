"""Each provider as it will be used: what is known of it, what the operator wrote, and its key, put together. Pure.

Source: models-and-auth §3.1–3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from clawfleet.config.models.providers import ModelEntry, ModelProvider
from clawfleet.config.models.root import Config
from clawfleet.config.provider_ids import provider_id
from clawfleet.models.adapters import ADAPTERS
from clawfleet.models.credentials import Credential, Unset, derived_name, find_credentials, first_unset
from clawfleet.models.hosts import nearness
from clawfleet.models.overrides import headers_of, route_of, secret_places, shown_of
from clawfleet.models.presets import (
    DEFAULT_CONTEXT_WINDOW,
    DEMO_MODEL,
    DEMO_PROVIDER,
    PRESETS,
    TEXT_AND_IMAGE,
    ModelSpec,
    Preset,
)
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.failures import TOTAL_VARIABLE
from clawfleet.models.providers.route import STRAIGHT, Route, Shown

CONNECT_S = 10.0
LONGEST_CONNECT_S = 60.0
TOTAL_S = 3600.0
IDLE_REMOTE_S = 120.0
IDLE_NEAR_S = 300.0
NOTHING_STORED: Mapping[str, Credential] = {}
DEMO_DELAY_VARIABLE = "CLAWFLEET_DEMO_WORD_DELAY_MS"

_SIGHTED = (
    *("gpt-4o", "gpt-4.1", "gpt-5", "gpt-6", "o1", "o3", "o4", "claude", "gemini"),
    *("pixtral", "llava", "internvl", "minicpm-v", "glm-4v", "mllama"),
)


@dataclass(frozen=True, slots=True)
class ProviderSetup:
    """One provider, ready to be called or with the reason why not.

    `credential` is the one that is used first; `keys` are those of environment and config, in the order of trying.
    `models` are those that are listed, `told` when its server said so; `takes_any` says that ids beyond them are tried
    too. `key_names` are the variables that may hold its key. `unset` is a variable that its key, address or headers
    wait for: nothing of it may be sent anywhere. Times are seconds.
    """

    id: str
    base_url: str
    api: str
    credential: Credential
    keys: tuple[Credential, ...] = ()
    models: tuple[ModelSpec, ...] = ()
    told: bool = False
    is_configured: bool = False
    takes_any: bool = False
    key_names: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float | None = None
    longest_s: float = TOTAL_S
    compat: Mapping[str, object] = field(default_factory=dict)
    unset: Unset | None = None
    auth_header: bool = False
    shown: Shown | None = None
    route: Route = STRAIGHT
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def connect_s(self) -> float:
        """How long opening a connection may take."""
        return min(LONGEST_CONNECT_S, self.timeout_s or CONNECT_S)

    @property
    def idle_s(self) -> float:
        """How long the provider may keep silent; near servers load models first and get longer."""
        return self.timeout_s or (IDLE_REMOTE_S if nearness(self.base_url) == "remote" else IDLE_NEAR_S)

    @property
    def total_s(self) -> float:
        """How long an answer may take from its request to its end; never less than one silence."""
        return max(self.longest_s, self.idle_s)

    @property
    def endpoint(self) -> Endpoint:
        """Where and how it is reached, whatever is asked of it."""
        return Endpoint(
            provider=self.id,
            base_url=self.base_url,
            api_key=self.credential.key,
            headers=self.headers,
            connect_s=self.connect_s,
            idle_s=self.idle_s,
            total_s=self.total_s,
            key_source=self.credential.source,
            auth_header=self.auth_header,
            shown=self.shown,
            route=self.route,
        )

    @property
    def lacks_key(self) -> bool:
        """Whether it is remote and nothing that could be a key is set."""
        if self.credential.key or self.api == "demo":
            return False
        return bool(self.credential.problem) or (
            nearness(self.base_url) == "remote" and not self.headers and not self.shown
        )

    @property
    def problem(self) -> str | None:
        """Why it cannot be used, in a few words; None when it can."""
        if self.api not in ADAPTERS:
            return f"api {self.api} is not supported yet"
        if self.unset:
            return str(self.unset)
        if not self.lacks_key:
            return None
        return self.credential.problem or f"no key: set {' or '.join(self.key_names)}"

    def spec(self, model: str) -> ModelSpec | None:
        """What is known of a model; None when the provider is known not to have it."""
        listed = next((spec for spec in self.models if spec.id == model), None)
        return listed or (guessed_spec(model) if self.takes_any else None)


def setups_of(
    config: Config, environ: Mapping[str, str], profiled: Mapping[str, Credential] = NOTHING_STORED
) -> dict[str, ProviderSetup]:
    """All providers by id: the operator's in their order, then known ones, then the demo.

    `profiled` has the stored credential of each provider that has one; it is used before all others.

    Known ones without a key are among them, so that asking for one says which key is missing.
    """
    setups = {}
    for name, written in config.models.providers.items():
        setup = _configured(provider_id(name), written, environ)
        setups[setup.id] = setup
    if config.models.mode == "merge":
        for name, preset in PRESETS.items():
            setups.setdefault(name, _preset(name, preset, environ))
    setups.setdefault(DEMO_PROVIDER, _demo(environ))
    return {name: _with_profile(setup, profiled.get(name)) for name, setup in setups.items()}


def guessed_spec(model: str) -> ModelSpec:
    """What can be told of a model by its name alone."""
    name = model.lower().rpartition("/")[2]
    sees = name.startswith(_SIGHTED) or name.endswith("-vl") or "-vl-" in name
    return ModelSpec(model, input=TEXT_AND_IMAGE) if sees else ModelSpec(model)


def _configured(name: str, written: ModelProvider, environ: Mapping[str, str]) -> ProviderSetup:
    preset = PRESETS.get(name)
    base_url = written.base_url or (preset.base_url if preset else "")
    key = written.api_key.get_secret_value() if written.api_key else None
    keys = find_credentials(name, preset.key_names if preset else (), key, environ, written.key_place)
    credential = keys[0] if keys else Credential()
    own = tuple(_spec(entry, written) for entry in written.models or ())
    ids = {spec.id for spec in own}
    # A preset's own models are at its own host, and behind an address of which nothing else is said.
    known = preset if preset and (written.models is None or base_url.rstrip("/") == preset.base_url) else None
    return ProviderSetup(
        id=name,
        base_url=base_url,
        api=_api(written, preset, base_url),
        credential=credential,
        keys=keys,
        models=(*own, *(spec for spec in known.models if spec.id not in ids)) if known else own,
        is_configured=True,
        takes_any=known is not None or not own,
        key_names=(*(preset.key_names if preset else (derived_name(name),)), f"models.providers.{name}.apiKey"),
        headers={**headers_of(written.headers), **headers_of(written.request.headers)},
        timeout_s=written.timeout_seconds,
        longest_s=_longest_s(environ),
        compat=known.compat if known else {},
        unset=_unset_beside_key(name, written) or credential.unset,
        auth_header=written.auth_header,
        shown=shown_of(written.request.auth),
        route=route_of(written.request, base_url, environ),
        params=written.params,
    )


def _api(written: ModelProvider, preset: Preset | None, base_url: str) -> str:
    """The wire: as written, else the known provider's; what stands in OpenAI's place elsewhere speaks completions."""
    if preset is None or "api" in written.model_fields_set:
        return written.api
    is_elsewhere = base_url.rstrip("/") != preset.base_url
    return written.api if is_elsewhere and preset.api == "openai-responses" else preset.api


def _unset_beside_key(name: str, written: ModelProvider) -> Unset | None:
    place = f"models.providers.{name}"
    return first_unset({f"{place}.{key}": value for key, value in secret_places(written)})


def _spec(entry: ModelEntry, provider: ModelProvider) -> ModelSpec:
    return ModelSpec(
        id=entry.id,
        name=entry.name,
        context_window=entry.context_window or provider.context_window or DEFAULT_CONTEXT_WINDOW,
        max_tokens=entry.max_tokens or provider.max_tokens,
        reasoning=entry.reasoning,
        input=entry.input,
        compat=entry.compat,
        api=entry.api or "",
        base_url=entry.base_url or "",
        # What the whole provider is told of its requests is stronger than what a row says.
        headers={**headers_of(entry.headers), **headers_of(provider.request.headers)} if entry.headers else {},
        params=entry.params,
        levels={str(level): name for level, name in entry.thinking_level_map.items()},
    )


def _longest_s(environ: Mapping[str, str]) -> float:
    written = environ.get(TOTAL_VARIABLE, "").strip()
    return float(written) if written.isascii() and written.isdigit() and int(written) else TOTAL_S


def _with_profile(setup: ProviderSetup, stored: Credential | None) -> ProviderSetup:
    if stored is None:
        return setup
    waits_for_key = setup.unset is not None and setup.unset == next((key.unset for key in setup.keys), None)
    return replace(setup, credential=stored, unset=None if waits_for_key else setup.unset)


def _preset(name: str, preset: Preset, environ: Mapping[str, str]) -> ProviderSetup:
    keys = find_credentials(name, preset.key_names, None, environ)
    return ProviderSetup(
        id=name,
        base_url=preset.base_url,
        api=preset.api,
        credential=keys[0] if keys else Credential(),
        keys=keys,
        models=preset.models,
        takes_any=True,
        key_names=preset.key_names,
        longest_s=_longest_s(environ),
        compat=preset.compat,
    )


def _demo(environ: Mapping[str, str]) -> ProviderSetup:
    delay = environ.get(DEMO_DELAY_VARIABLE, "").strip()
    compat = {"wordDelayMs": int(delay)} if delay.isascii() and delay.isdigit() else {}
    return ProviderSetup(DEMO_PROVIDER, "", "demo", Credential(), models=(DEMO_MODEL,), compat=compat)
