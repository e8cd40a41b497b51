"""What others left in the state directory: set-aside configs, old credential files, a Node original's databases."""

from __future__ import annotations

from collections.abc import Iterator

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.mend_credentials import TakeOverCredentials
from clawfleet.cli.checks.scene import Scene
from clawfleet.models.auth.legacy import legacy_files


def set_aside(scene: Scene) -> Iterator[Finding]:
    """Configs that were replaced behind the operator's back, or refused: they may hold what is missed, and keys."""
    path = scene.instance.config_path
    for word, told in (
        ("clobbered", "A config that OpenClaw set aside when it restored an older one."),
        ("rejected", "A config that was refused when something wanted to write it."),
    ):
        for file in sorted(path.parent.glob(f"{path.name}.{word}.*")):
            fix = f"compare it with {path.name}, then remove it"
            yield Finding(f"config.{word}_left", "info", told, scene.shown(file), fix=fix)


def old_credentials(scene: Scene) -> Iterator[Finding]:
    """Credential files of earlier releases: those that are taken over, and those that nobody reads."""
    state_dir = scene.instance.state_dir
    for _, file in legacy_files(state_dir):
        yield Finding(
            "auth.legacy_store",
            "warning",
            "Credentials of an older release; they are taken over when the gateway starts.",
            scene.shown(file),
            fix="openclaw doctor --fix",
            mend=TakeOverCredentials(scene.context),
        )
    for file in sorted(state_dir.glob("credentials/*.json")):
        yield Finding(
            "auth.legacy_credentials",
            "warning",
            "This gateway does not read it: keys come from .env and models.providers.",
            scene.shown(file),
            fix="openclaw secrets set <NAME> for each key in it",
        )


def original_state(scene: Scene) -> Iterator[Finding]:
    """Databases of a Node gateway in the same directory: recognised, never opened."""
    state_dir = scene.instance.state_dir
    found = sorted([*state_dir.glob("state/*.sqlite"), *state_dir.glob("agents/*/agent/*.sqlite")])
    if found:
        yield Finding(
            "state.original_beside",
            "info",
            "OpenClaw's own databases are here too; this gateway leaves them alone and keeps its own beside them.",
            scene.shown(state_dir),
            evidence=", ".join(scene.shown(file) for file in found[:3]),
        )
