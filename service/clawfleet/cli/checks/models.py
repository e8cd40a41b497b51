"""Whether the models that are configured can be called, as far as that can be told without calling them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.models_auth_store import stored_ring
from clawfleet.cli.models_choice import catalog_of
from clawfleet.models.auth.profiles import State
from clawfleet.models.auth.ring import KeyRing
from clawfleet.models.catalog import DEMO
from clawfleet.models.setups import ProviderSetup, setups_of

_STATES: Mapping[State, str] = {
    "missing_credential": "its secret is missing",
    "expired": "it has expired",
    "invalid_expires": "its expiry makes no sense",
    "unresolved_ref": "what it names cannot be had",
}


def credentials(scene: Scene) -> Iterator[Finding]:
    """Providers of the config that cannot be used: no key, an unset variable, an unknown wire."""
    assert scene.snapshot is not None
    config, environ = scene.snapshot.config, scene.snapshot.environ
    ring = stored_ring(scene.context)
    yield from _stored(ring, environ)
    for setup in setups_of(config, environ, ring.best(environ, config.auth)).values():
        if setup.is_configured and (problem := setup.problem):
            yield Finding(
                "models.provider_unusable", "warning", problem, f"models.providers.{setup.id}", fix=_fix(setup)
            )


def _stored(ring: KeyRing, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Stored credentials that cannot be used."""
    for profile in ring.all():
        state = profile.state(environ, ring.now_ms())
        if state == "ok":
            continue
        name, why = f"auth profile {profile.id} of agent {profile.owner}", _STATES[state]
        where = f" ({profile.ref}{f': {profile.trouble}' if profile.trouble else ''})" if profile.ref else ""
        mend = f"openclaw models auth paste-token --provider {profile.provider} --profile-id {profile.id}"
        yield Finding("models.profile_unusable", "warning", f"{name}: {why}{where}", fix="" if profile.ref else mend)


def defaults(scene: Scene) -> Iterator[Finding]:
    """Agents whose model cannot answer, and an instance that has only the demo."""
    assert scene.snapshot is not None
    config = scene.snapshot.config
    catalog = catalog_of(scene.context)
    for agent in [None, *config.agents.entries]:
        entry = config.agents.entries.get(agent) if agent else None
        if agent and (entry is None or entry.model is None):
            continue
        ref = catalog.default(agent)
        path = f"agents.entries.{agent}.model" if agent else "agents.defaults.model"
        if problem := catalog.problem(ref):
            text = f"{ref} cannot answer: {problem}"
            yield Finding("models.default_unusable", "error", text, path, fix="openclaw models list")
        elif ref == DEMO and agent is None:
            yield Finding(
                "models.only_demo",
                "info",
                "No model is configured and no provider's key is set; the built-in demo answers.",
                path,
                fix="openclaw secrets set OPENAI_API_KEY",
            )


def _fix(setup: ProviderSetup) -> str:
    if setup.unset:
        name = setup.unset.name
        return f"openclaw secrets set {name}" if " " not in name else "openclaw config validate"
    return f"openclaw secrets set {setup.key_names[0]}" if setup.lacks_key and setup.key_names else ""
