"""Which models there are, which one an agent uses, and where each is reached. Built once per config; does no I/O.

Source: models-and-auth §2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Self

from clawfleet.config.models.root import Config
from clawfleet.core.errors import RequestError
from clawfleet.models.credentials import Credential
from clawfleet.models.hosts import public_url
from clawfleet.models.local_models import LocalModels
from clawfleet.models.presets import ALIASES, DEMO_MODEL, DEMO_PROVIDER, ModelSpec
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.failures import Site, no_key, variable_unset
from clawfleet.models.refs import ModelRef, parse_ref, split_pin
from clawfleet.models.selection import Selection
from clawfleet.models.setups import NOTHING_STORED, ProviderSetup, setups_of

DEMO = ModelRef(DEMO_PROVIDER, DEMO_MODEL.id)
MAX_NEAR = 3


class UnknownModel(RequestError):
    """A name that leads to no model, or to one whose wire this gateway does not speak."""

    code = "UNKNOWN_MODEL"


class ModelNotAllowed(RequestError):
    """A model that is there, and that the operator does not let this agent use."""

    code = "MODEL_NOT_ALLOWED"

    def __init__(self, ref: ModelRef, agent_id: str) -> None:
        self.ref = ref
        super().__init__(
            f"Model '{ref}' is not allowed for agent '{agent_id}'.",
            hint=f'add "{ref}" or "{ref.provider}/*" to agents.defaults.modelPolicy.allow',
        )


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model as it is listed. `reason` says why it is not available; None as `max_tokens` means no limit known."""

    ref: ModelRef
    name: str
    api: str
    context_window: int
    max_tokens: int | None
    reasoning: bool
    input: tuple[str, ...]
    available: bool
    reason: str | None
    levels: Mapping[str, str | None] = field(default_factory=dict)
    compat: Mapping[str, object] = field(default_factory=dict)


class Catalog:
    """The models of one config and environment."""

    def __init__(self, config: Config, setups: Mapping[str, ProviderSetup]) -> None:
        self._config = config
        self._setups = setups
        self._selection = Selection(config)
        self.rows: tuple[ModelRow, ...] = tuple(
            _row(setup, spec) for setup in setups.values() if _is_listed(setup) for spec in setup.models
        )

    @classmethod
    def of(
        cls, config: Config, environ: Mapping[str, str], profiled: Mapping[str, Credential] = NOTHING_STORED
    ) -> Self:
        """The catalog of what the operator wrote, which keys are set, and which are stored (by provider)."""
        return cls(config, setups_of(config, environ, profiled))

    def with_local(self, local: LocalModels) -> Catalog:
        """This catalog and what servers nearby said they have."""
        return Catalog(self._config, {name: local.known(setup) for name, setup in self._setups.items()})

    @property
    def by_id(self) -> Mapping[str, ProviderSetup]:
        """All providers, those without a key among them."""
        return self._setups

    @property
    def setups(self) -> tuple[ProviderSetup, ...]:
        """The providers that the operator wrote, or that a key is set for; the demo is none."""
        return tuple(setup for setup in self._setups.values() if setup.is_configured or setup.credential.key)

    def default(self, agent_id: str | None = None) -> ModelRef:
        """The model of an agent: its own, else the agents' default, else the first that can be used, else the demo.

        Never raises: a configured name that leads nowhere is returned as written, and using it says what is wrong.
        """
        wanted = self._selection.primary(agent_id)
        return self._named(wanted, agent_id) if wanted else self._first_usable()

    def chain(self, ref: ModelRef, agent_id: str | None = None) -> tuple[ModelRef, ...]:
        """`ref` and what may answer in its place, in order: the agent's fallbacks, then its own model."""
        primary = self._selection.primary(agent_id)
        names = (*self._selection.fallbacks(agent_id), *((primary,) if primary else ()))
        return tuple(dict.fromkeys((ref, *(self._named(name, agent_id) for name in names))))

    def image_model(self, agent_id: str | None = None) -> ModelRef | None:
        """The first model chosen for pictures that can see them."""
        for name in self._selection.image_models(agent_id):
            row = self.find(self._named(name, agent_id))
            if row is not None and row.available and "image" in row.input:
                return row.ref
        return None

    def declares(self, ref: ModelRef) -> bool:
        """Whether the operator wrote that model down."""
        return self._selection.declares(ref)

    def allows(self, ref: ModelRef, agent_id: str | None) -> bool:
        """Whether the operator lets an agent use a model."""
        return self._selection.allows(ref, agent_id)

    def tags(self, agent_id: str | None = None) -> dict[ModelRef, list[str]]:
        """What models are to an agent: `default`, `fallback#1`, `image`, `alias:fast`."""
        found: dict[ModelRef, list[str]] = {self.default(agent_id): ["default"]}
        for number, name in enumerate(self._selection.fallbacks(agent_id), start=1):
            found.setdefault(self._named(name, agent_id), []).append(f"fallback#{number}")
        for name in self._selection.image_models(agent_id)[:1]:
            found.setdefault(self._named(name, agent_id), []).append("image")
        for alias, ref in self._selection.aliases(agent_id).items():
            found.setdefault(ref, []).append(f"alias:{alias}")
        return found

    def choose(self, text: str, agent_id: str) -> str:
        """What is kept when `text` is chosen for a session: its ref, with the auth profile it names.

        Raises `UnknownModel`, `ModelNotAllowed`.
        """
        profile = split_pin(text)[1]
        ref = self.resolve(text, agent_id)
        return f"{ref}@{profile}" if profile else str(ref)

    def resolve(self, text: str, agent_id: str | None = None) -> ModelRef:
        """The model that a person means by `text`: an alias, a ref, or a model id that only one provider has.

        An auth profile behind an `@` is left out. Raises `UnknownModel` with near matches, `ModelNotAllowed` when it is
        asked in the name of an agent that may not use it.
        """
        ref = self._meant(split_pin(text)[0], agent_id)
        if agent_id is not None and not self.allows(ref, agent_id):
            raise ModelNotAllowed(ref, agent_id)
        return ref

    def _named(self, text: str, agent_id: str | None) -> ModelRef:
        """The model that the config means; a name that leads nowhere is taken as it is written."""
        name = split_pin(text)[0]
        try:
            return self._meant(name, agent_id)
        except UnknownModel:
            return parse_ref(name) or ModelRef("", name)

    def _meant(self, name: str, agent_id: str | None) -> ModelRef:
        if ref := self._selection.aliases(agent_id).get(name.lower()) or parse_ref(name):
            return self.row(ref).ref
        owners = [row.ref for row in self.rows if row.ref.model == name]
        if len(owners) == 1:
            return owners[0]
        if owners:
            choices = " or ".join(map(str, owners))
            raise UnknownModel(f'"{name}" is a model of several providers', hint=f"say which: {choices}")
        if builtin := parse_ref(ALIASES.get(name.lower(), "")):
            return self.row(builtin).ref
        raise self._unknown(name)

    def find(self, ref: ModelRef) -> ModelRow | None:
        """The row of a ref, listed or not; None when there is no such model."""
        setup = self._setups.get(ref.provider)
        spec = setup.spec(ref.model) if setup else None
        return _row(setup, spec) if setup and spec else None

    def row(self, ref: ModelRef) -> ModelRow:
        """The row of a ref. Raises `UnknownModel`."""
        row = self.find(ref)
        if row is None:
            raise self._unknown(str(ref))
        return row

    def problem(self, ref: ModelRef) -> str | None:
        """Why this model cannot answer; None when nothing known stands in its way."""
        try:
            return self.row(ref).reason
        except UnknownModel as error:
            return error.message

    def keys(self, ref: ModelRef) -> tuple[Credential, ...]:
        """The keys of environment and config for `ref`, in the order in which they are tried. Raises `UnknownModel`."""
        self.row(ref)
        return self._setups[ref.provider].keys

    def endpoint(self, ref: ModelRef, credential: Credential | None = None, agent_id: str | None = None) -> Endpoint:
        """Where and how `ref` is reached for an agent, with `credential` or with the one that comes first.

        Raises `UnknownModel`, `NoKey` when its provider wants a key, `VariableUnset` when its config waits for one.
        """
        row = self.row(ref)
        setup = self._setups[ref.provider]
        if credential is not None:
            setup = replace(setup, credential=credential)
        site = Site(ref.provider, ref.model, public_url(setup.base_url))
        if setup.unset:
            raise variable_unset(site, str(setup.unset), setup.unset.name)
        if setup.lacks_key:
            raise no_key(site, setup.key_names, setup.credential.problem)
        if setup.problem:
            raise UnknownModel(f'Model "{ref}" cannot be used: {setup.problem}', hint="choose another model")
        spec = setup.spec(ref.model) or ModelSpec(ref.model)
        return replace(
            setup.endpoint,
            base_url=spec.base_url or setup.base_url,
            headers={**setup.headers, **spec.headers},
            compat=row.compat,
            max_tokens=row.max_tokens,
            reasoning=row.reasoning,
            images="image" in row.input,
            context_window=row.context_window,
            params={**setup.params, **spec.params, **self._selection.params(ref, agent_id)},
            levels=row.levels,
        )

    def _first_usable(self) -> ModelRef:
        """One of the operator's, even one that cannot be used, before those known by a key alone, before the demo.

        Who described a provider and forgot its key wants to hear of the key, not of the demo.
        """
        own = [row for row in self.rows if self._setups[row.ref.provider].is_configured]
        candidates = [*(row for row in own if row.available), *own, *(row for row in self.rows if row.available)]
        return candidates[0].ref if candidates else DEMO

    def _unknown(self, name: str) -> UnknownModel:
        ref = parse_ref(name)
        if ref and ref.provider not in self._setups:
            near = get_close_matches(ref.provider, self._setups, MAX_NEAR)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            return UnknownModel(
                f'Unknown provider "{ref.provider}" in model "{name}"',
                hint=f"{hint}providers are configured under models.providers",
            )
        known = [*(str(row.ref) for row in self.rows), *self._selection.aliases(None), *ALIASES]
        near = get_close_matches(name, known, MAX_NEAR, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known[:10])}"
        if ref:
            hint += f" New models of {ref.provider} are listed under models.providers.{ref.provider}.models"
        return UnknownModel(f'Unknown model "{name}"', hint=hint)


def _is_listed(setup: ProviderSetup) -> bool:
    return setup.is_configured or setup.api == "demo" or not setup.lacks_key


def _row(setup: ProviderSetup, spec: ModelSpec) -> ModelRow:
    return ModelRow(
        ref=ModelRef(setup.id, spec.id),
        name=spec.name or spec.id,
        api=spec.api or setup.api,
        context_window=spec.context_window,
        max_tokens=spec.max_tokens,
        reasoning=spec.reasoning,
        input=spec.input,
        available=setup.problem is None,
        reason=setup.problem,
        levels=spec.levels,
        compat={**setup.compat, **spec.compat},
    )
