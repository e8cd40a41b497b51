"""What `openclaw models status` says of keys: where each comes from, masked, and which are left alone and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from clawfleet.core.clock import iso_time, now_ms

if TYPE_CHECKING:
    from clawfleet.models.auth.report import ProfileReport
    from clawfleet.models.catalog import Catalog
    from clawfleet.models.setups import ProviderSetup

_KINDS = {"api_key": "api-key", "token": "token", "oauth": "oauth"}
HOUR_MS = 3_600_000


def provider_rows(catalog: Catalog, stored: Sequence[ProfileReport]) -> Iterator[dict[str, Any]]:
    """How each provider is let in."""
    for setup in catalog.setups:
        own = [row for row in stored if row.provider == setup.id]
        yield {
            "provider": setup.id,
            "effective": _effective(setup, own),
            "profiles": {"count": len(own)} | {kind: sum(row.kind == kind for row in own) for kind in _KINDS},
            "labels": [f"{row.id}={_KINDS[row.kind]}:{row.shown}" for row in own],
            "source": setup.credential.source,
            "problem": setup.problem,
        }


def auth_words(row: dict[str, Any]) -> str:
    """How one provider is let in, on one line."""
    effective, count = row["effective"], row["profiles"]
    parts = [f"effective={effective['kind']}:{effective['detail']}"]
    if count["count"]:
        kinds = ", ".join(f"{count[kind]} {name}" for kind, name in (("oauth", "oauth"), ("token", "token")))
        parts.append(f"profiles={count['count']} ({kinds}, {count['api_key']} api-key)")
        parts += row["labels"]
    if row["source"]:
        parts.append(f"source={row['source']}")
    return " | ".join([*parts, *([row["problem"]] if row["problem"] else [])])


def resting_lines(stored: Sequence[ProfileReport]) -> Iterator[str]:
    """Which stored credentials run out, and which are left alone until when."""
    timed = [row for row in stored if row.kind != "api_key"]
    if timed:
        yield ""
        yield "OAuth/token status"
        for provider in dict.fromkeys(row.provider for row in timed):
            yield f"- {provider}"
            yield from (f"  - {row.id} {row.standing}{_left(row)}" for row in timed if row.provider == provider)
    if resting := [row for row in stored if row.resting]:
        yield ""
        yield "Left alone for now"
        yield from (f"- {row.id}: {row.resting} until {iso_time(row.resting_until_ms)}" for row in resting)


def _left(row: ProfileReport) -> str:
    if not row.expires_at_ms or row.standing == "expired":
        return ""
    hours = (row.expires_at_ms - now_ms()) // HOUR_MS
    return f" expires in {hours}h" if hours < 48 else f" expires in {hours // 24}d"


def _effective(setup: ProviderSetup, own: Sequence[ProfileReport]) -> dict[str, str]:
    from clawfleet.models.auth.profiles import masked

    serving = next((row for row in own if row.can_answer), None)
    if serving is not None:
        return {"kind": "profiles", "detail": serving.id}
    key = next((each for each in setup.keys if each.key), None)
    if key is None or not key.key:
        return {"kind": "missing" if setup.lacks_key else "none", "detail": "no key"}
    is_written = (key.source or "").startswith("models.providers.")
    return {"kind": "models.json" if is_written else "env", "detail": masked(key.key)}
