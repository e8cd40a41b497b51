"""`openclaw models status` as one page: what is configured, what will answer and with which key, what is wrong.

No line is wider than 80 columns unless one name alone is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from clawfleet.cli.models_auth_store import store_file
from clawfleet.cli.models_keys_words import auth_parts, provider_rows, resting_lines, resting_words
from clawfleet.cli.models_standing import Standing, remaining
from clawfleet.core.text import printable

if TYPE_CHECKING:
    from clawfleet.models.auth.outlook import KeyOutlook, Outlook

WIDTH = 80
MOST_NAMED = 12


def page(found: Standing) -> Iterator[str]:
    """The page, line by line."""
    yield from _configured(found)
    yield ""
    yield f"Who answers agent {found.agent}, the first that can"
    for number, row in enumerate(found.route, start=1):
        yield from _step(f"{number}. ", row)
    if found.image_route:
        yield "For pictures that the model cannot see"
        for row in found.image_route:
            yield from _step("- ", row)
    yield ""
    yield "Auth overview"
    yield from _filled("Auth store    : ", [found.cli.instance.shown(store_file(found.cli))])
    yield f"Shell env     : {'on' if found.cli.snapshot.config.env.shell_env.enabled else 'off'}"
    timed = list(dict.fromkeys(row.provider for row in found.stored if row.kind != "api_key"))
    yield from _filled(f"Providers w/ OAuth/tokens ({len(timed)}): ", timed or ["-"])
    for provider in provider_rows(found.catalog, found.stored):
        yield from _filled(f"- {provider['provider']} ", auth_parts(provider), " | ")
    yield from resting_lines(found.stored, found.seer.resting_written())
    if left_out := [issue for issue in found.cli.snapshot.warnings if issue.path.startswith("models.")]:
        yield ""
        yield "Configured and not usable"
        for issue in left_out:
            yield from _filled("- ", [f"{issue.path}: {issue.message}"])
    if names := _unread(found):
        yield ""
        mend = "openclaw secrets reload"
        yield from _filled("! ", [f"the running gateway has an older .env ({', '.join(names)}): {mend}"])


def _unread(found: Standing) -> tuple[str, ...]:
    """The variables of `.env` that a running gateway has not read."""
    from clawfleet.cli.gateway_report import changed_env
    from clawfleet.cli.target import find_place

    lock = find_place(found.cli).lock
    return changed_env(found.cli.instance, lock) if lock and lock.alive else ()


def _configured(found: Standing) -> Iterator[str]:
    instance, names = found.cli.instance, [str(row.ref) for row in found.catalog.rows]
    more = [f"… and {len(names) - MOST_NAMED} more: openclaw models list"] if len(names) > MOST_NAMED else []
    rows: list[tuple[str, Iterable[str]]] = [
        ("Config", [instance.shown(instance.config_path)]),
        ("Agent", [found.agent]),
        ("Agent dir", [instance.shown(instance.agent_dir(found.agent))]),
        ("Default", [found.default]),
        (f"Fallbacks ({len(found.fallbacks)})", found.fallbacks),
        ("Image model", found.images[:1]),
        (f"Image fallbacks ({len(found.images[1:])})", found.images[1:]),
        (f"Aliases ({len(found.aliases)})", [f"{name} -> {ref}" for name, ref in found.aliases.items()]),
        (f"Configured models ({len(names)})", [*names[:MOST_NAMED], *more]),
    ]
    width = max(len(name) for name, _ in rows)
    for name, values in rows:
        yield from _filled(f"{name:<{width}} : ", list(values) or ["-"])


def _step(lead: str, row: Outlook) -> Iterator[str]:
    if row.problem:
        yield from _filled(f"{lead}{row.ref}  cannot answer: ", [row.problem], "", "   ")
        return
    key = row.next
    if key is None:
        yield printable(f"{lead}{row.ref}  ready, needs no key")
        return
    yield printable(f"{lead}{row.ref}  {'resting' if row.rests else 'ready'}")
    yield from _filled("   with ", _key_parts(key), ", ", "        ")


def _key_parts(key: KeyOutlook) -> list[str]:
    parts = [f"{key.shown} from {key.source}" if key.shown else key.source]
    if key.expires_at_ms:
        parts.append(f"expires in {remaining(key.expires_at_ms)}")
    return [*parts, *([resting_words(key.resting, key.resting_until_ms)] if key.resting else [])]


def _filled(lead: str, parts: Iterable[str], glue: str = ", ", indent: str | None = None) -> list[str]:
    """`parts` behind `lead`, wrapped between words, the further lines indented."""
    hanging = indent if indent is not None else "    " if lead.startswith("- ") else " " * len(lead)
    text = printable(f"{lead}{glue.join(parts)}")
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
