"""What the agents' part of a config says of models: which an agent uses, what after it, and which may be chosen. Pure.

Source: models-and-auth §2.2–2.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from clawfleet.config.models.agents import AgentEntry, ModelChoice, ModelOptions
from clawfleet.config.models.root import Config
from clawfleet.config.provider_ids import provider_id
from clawfleet.models.refs import ModelRef, parse_ref

NO_CHOICE = ModelChoice()


class Selection:
    """The names as they are written; `catalog.Catalog` finds the models behind them."""

    def __init__(self, config: Config) -> None:
        self._agents = config.agents
        self._declared = {
            ModelRef(provider_id(name), entry.id)
            for name, provider in config.models.providers.items()
            for entry in provider.models or ()
        }

    def primary(self, agent_id: str | None) -> str | None:
        """The name of an agent's model; None when nobody chose one."""
        return self._own(agent_id).primary or self._agents.defaults.model.primary

    def fallbacks(self, agent_id: str | None) -> tuple[str, ...]:
        """What is tried after it. A model of an agent's own is answered by nothing else unless it says so itself."""
        own = self._own(agent_id)
        if own.fallbacks is not None:
            return own.fallbacks
        return () if own.primary else self._agents.defaults.model.fallbacks or ()

    def image_models(self, agent_id: str | None) -> tuple[str, ...]:
        """Which models are asked about pictures when the agent's own sees none, the first before the others."""
        entry = self._entry(agent_id)
        choice = (entry.image_model if entry else None) or self._agents.defaults.image_model
        return ((choice.primary,) if choice.primary else ()) + (choice.fallbacks or ())

    def aliases(self, agent_id: str | None) -> dict[str, ModelRef]:
        """The aliases of an agent in lower case, its own before the common ones; the first use of a name counts."""
        found: dict[str, ModelRef] = {}
        entry = self._entry(agent_id)
        for target, options in (*(entry.models.items() if entry else ()), *self._agents.defaults.models.items()):
            ref = parse_ref(target)
            if ref and options.alias and options.alias.strip():
                found.setdefault(options.alias.strip().lower(), ref)
        return found

    def params(self, ref: ModelRef, agent_id: str | None) -> dict[str, object]:
        """What is sent with every call of a model for an agent, key by key: the agent's own words win."""
        defaults, entry = self._agents.defaults, self._entry(agent_id)
        layers = [defaults.params, *_params_of(defaults.models, ref)]
        if entry:
            layers += [*_params_of(entry.models, ref), entry.params]
        return {key: value for layer in layers for key, value in layer.items()}

    def declares(self, ref: ModelRef) -> bool:
        """Whether a model stands under `models.providers`."""
        return ref in self._declared

    def allows(self, ref: ModelRef, agent_id: str | None) -> bool:
        """Whether a model may be chosen for an agent.

        `modelPolicy.allow` decides where it is set. Without it a list of models is a list of what is allowed, beside
        what the operator described or chose.
        """
        entry = self._entry(agent_id)
        policy = entry.model_policy if entry and entry.model_policy else self._agents.defaults.model_policy
        if policy.allow is not None:
            return not policy.allow or self._matches(ref, policy.allow, agent_id)
        listed: Mapping[str, ModelOptions] = {**self._agents.defaults.models, **(entry.models if entry else {})}
        if not listed or ref in self._declared:
            return True
        return self._matches(ref, (*listed, *self._chosen_anywhere()), agent_id)

    def _matches(self, ref: ModelRef, names: tuple[str, ...], agent_id: str | None) -> bool:
        aliases = self.aliases(agent_id)
        for name in names:
            wanted = parse_ref(name)
            if aliases.get(name.strip().lower()) == ref or wanted == ref:
                return True
            if wanted and wanted.model.endswith("*") and str(ref).startswith(str(wanted)[:-1]):
                return True
        return False

    def _chosen_anywhere(self) -> Iterator[str]:
        defaults = self._agents.defaults
        choices = [defaults.model, defaults.image_model]
        for entry in self._agents.entries.values():
            choices += [entry.model or NO_CHOICE, entry.image_model or NO_CHOICE]
        for choice in choices:
            yield from (*((choice.primary,) if choice.primary else ()), *(choice.fallbacks or ()))

    def _own(self, agent_id: str | None) -> ModelChoice:
        entry = self._entry(agent_id)
        return entry.model if entry and entry.model else NO_CHOICE

    def _entry(self, agent_id: str | None) -> AgentEntry | None:
        return self._agents.entries.get(agent_id) if agent_id else None


def _params_of(rows: Mapping[str, ModelOptions], ref: ModelRef) -> list[Mapping[str, object]]:
    return [options.params for name, options in rows.items() if options.params and parse_ref(name) == ref]
