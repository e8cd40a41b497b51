"""What is said of keys shows their ends at the most."""

from __future__ import annotations

from clawfleet.cli.models_keys_words import auth_parts, provider_rows, resting_lines
from clawfleet.config.models.root import Config
from clawfleet.core.clock import now_ms
from clawfleet.models.auth.outlook import KeyOutlook
from clawfleet.models.auth.report import ProfileReport
from clawfleet.models.catalog import Catalog

KEY = "sk-0123456789-bcdefghij"


def test_a_key_of_the_environment_and_a_stored_one() -> None:
    catalog = Catalog.of(Config(), {"GROQ_API_KEY": KEY})
    (row,) = provider_rows(catalog, [])
    assert auth_parts(row) == ["effective=env:sk-01234...cdefghij", "source=GROQ_API_KEY (environment or .env)"]
    stored = ProfileReport("groq:a", "groq", "token", "main", "ok", "ok", "to...en")
    (row,) = provider_rows(catalog, [stored])
    assert auth_parts(row)[:4] == [
        "effective=profiles:groq:a",
        "profiles=1 (0 oauth, 1 token, 0 api-key)",
        "groq:a=token:to...en",
        "env=sk-01234...cdefghij",
    ]


def test_what_rests_and_what_runs_out_is_listed() -> None:
    soon = now_ms() + 3 * 3_600_000
    rows = [
        ProfileReport("p:t", "p", "token", "main", "expiring", "ok", "x", expires_at_ms=soon),
        ProfileReport("p:k", "p", "api_key", "main", "static", "ok", "x", resting="billing", resting_until_ms=1000),
    ]
    written = KeyOutlook("P_API_KEY", "x", resting="auth_permanent", resting_until_ms=1000)
    lines = list(resting_lines(rows, [written]))
    assert "- P_API_KEY: auth permanent until 1970-01-01T00:00:01.000Z" in lines
    assert "- p:k: billing until 1970-01-01T00:00:01.000Z" in lines
    assert any(line.startswith("  - p:t expiring expires in ") for line in lines)


def test_a_key_that_rests_is_not_the_one_in_use() -> None:
    catalog = Catalog.of(Config(), {"GROQ_API_KEY": KEY})
    rests = ProfileReport("groq:a", "groq", "token", "main", "ok", "ok", "x", resting="billing", resting_until_ms=9)
    free = ProfileReport("groq:b", "groq", "api_key", "main", "ok", "ok", "y")
    (row,) = provider_rows(catalog, [rests, free])
    assert (row["effective"]["detail"], row["source"]) == ("groq:b", "auth profile groq:b")
    (row,) = provider_rows(catalog, [rests])
    assert row["effective"]["detail"] == "groq:a"
