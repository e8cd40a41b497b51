"""What `openclaw models status` says of keys: where each comes from, masked, and which are left alone and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from clawfleet.cli.models_standing import remaining
from clawfleet.core.clock import iso_time
from clawfleet.models.auth.profiles import masked
from clawfleet.models.credentials import WRITTEN_PLACES

if TYPE_CHECKING:
    from clawfleet.models.auth.outlook import KeyOutlook
    from clawfleet.models.auth.report import ProfileReport
    from clawfleet.models.catalog import Catalog
    from clawfleet.models.credentials import Credential
    from clawfleet.models.providers.classify import Reason
    from clawfleet.models.setups import ProviderSetup

_KINDS = {"api_key": "api-key", "token": "token", "oauth": "oauth"}
_PLACES = {"env": "env", "modelsJson": "models.json"}
_COUNTED = {"oauth": "oauth", "token": "token", "apiKey": "api_key"}


def provider_rows(catalog: Catalog, stored: Sequence[ProfileReport]) -> Iterator[dict[str, Any]]:
    """How each provider is let in."""
    for setup in catalog.setups:
        own = [row for row in stored if row.provider == setup.id]
        yield {
            "provider": setup.id,
            "effective": _effective(setup, own),
            "profiles": {"count": len(own)}
            | {name: sum(row.kind == kind for row in own) for name, kind in _COUNTED.items()}
            | {"labels": [f"{row.id}={_KINDS[row.kind]}:{row.shown}" for row in own]},
            "env": _written(setup, in_config=False),
            "modelsJson": _written(setup, in_config=True),
            "source": f"auth profile {serving.id}" if (serving := _serving(own)) else setup.credential.source,
            "problem": setup.problem,
        }


def auth_parts(row: dict[str, Any]) -> list[str]:
    """How one provider is let in, in words of which each stands for itself."""
    effective, count = row["effective"], row["profiles"]
    parts = [f"effective={effective['kind']}:{effective['detail']}"]
    if count["count"]:
        kinds = ", ".join(f"{count[name]} {_KINDS[kind]}" for name, kind in _COUNTED.items())
        parts += [f"profiles={count['count']} ({kinds})", *count["labels"]]
    others = (key for key in ("env", "modelsJson") if row[key] and row[key]["value"] != effective["detail"])
    parts += [f"{_PLACES[key]}={row[key]['value']}" for key in others]
    if effective.get("expiresAt"):
        parts.append(f"expires={iso_time(effective['expiresAt'])}")
    if row["source"]:
        parts.append(f"source={row['source']}")
    return [*parts, *([row["problem"]] if row["problem"] else [])]


def resting_lines(stored: Sequence[ProfileReport], written: Sequence[KeyOutlook] = ()) -> Iterator[str]:
    """Which stored credentials run out, and which keys are left alone until when."""
    timed = [row for row in stored if row.kind != "api_key"]
    if timed:
        yield ""
        yield "OAuth/token status"
        for provider in dict.fromkeys(row.provider for row in timed):
            yield f"- {provider}"
            yield from (f"  - {row.id} {row.standing}{_left(row)}" for row in timed if row.provider == provider)
    if resting := [
        *((row.id, row.resting, row.resting_until_ms) for row in stored if row.resting),
        *((row.source, row.resting, row.resting_until_ms) for row in written if row.resting),
    ]:
        yield ""
        yield "Left alone for now"
        yield from (f"- {name}: {resting_words(reason, until)}" for name, reason, until in resting)


def resting_words(reason: Reason, until_ms: int) -> str:
    """Why a key is left alone, and until when."""
    return f"{reason.replace('_', ' ')} until {iso_time(until_ms)}"


def _left(row: ProfileReport) -> str:
    return f" expires in {remaining(row.expires_at_ms)}" if row.expires_at_ms and row.standing != "expired" else ""


def _effective(setup: ProviderSetup, own: Sequence[ProfileReport]) -> dict[str, Any]:
    if (serving := _serving(own)) is not None:
        expiry = {"expiresAt": serving.expires_at_ms} if serving.expires_at_ms else {}
        return {"kind": "profiles", "detail": serving.id, **expiry}
    if (key := next((each for each in setup.keys if each.key), None)) is not None:
        return {"kind": "models.json" if _is_in_config(key) else "env", "detail": masked(key.key or "")}
    return {"kind": "missing" if setup.lacks_key or setup.unset else "none", "detail": "no key"}


def _serving(own: Sequence[ProfileReport]) -> ProfileReport | None:
    """The stored credential that is sent next: the first that does not rest, else the one that is free first."""
    usable = sorted((row for row in own if row.can_answer), key=lambda row: row.resting_until_ms)
    return next(iter(usable), None)


def _written(setup: ProviderSetup, *, in_config: bool) -> dict[str, str] | None:
    """The first key of the config, or of the environment, as it may be shown."""
    key = next((each for each in setup.keys if each.key and _is_in_config(each) is in_config), None)
    return {"value": masked(key.key or ""), "source": key.source or ""} if key else None


def _is_in_config(key: Credential) -> bool:
    return (key.source or "").startswith(WRITTEN_PLACES)
