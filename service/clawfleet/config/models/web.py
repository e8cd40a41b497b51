"""`tools.web`: what agents may read of the web. Source: tools-and-sessions §13."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from clawfleet.config.models.base import Flag, Number, Seconds, Section, Text, Whole

Minutes = Annotated[Number, Field(ge=0)]


class SsrfPolicy(Section):
    """Which hosts beyond the public net may be fetched. By default: none."""

    dangerously_allow_private_network: Flag = Field(
        False,
        description="Loopback and private addresses too. Link-local ones, where clouds keep credentials, stay closed.",
    )
    allowed_hostnames: tuple[Text, ...] = Field((), description="These hosts, wherever they are; `*.` matches below.")
    blocked_hostnames: tuple[Text, ...] = Field((), description="Never these hosts; `*.` matches below.")
    allow_rfc2544_benchmark_range: Flag = Field(False, description="198.18.0.0/15, for proxies that use it.")
    allow_ipv6_unique_local_range: Flag = Field(False, description="fc00::/7, for proxies that use it.")


class WebFetch(Section):
    """The web_fetch tool."""

    enabled: Flag = Field(True, description="Offer it.")
    max_chars: Annotated[Whole, Field(ge=100)] = Field(20_000, description="Longest text of a page.")
    max_chars_cap: Annotated[Whole, Field(ge=100)] = Field(20_000, description="Most that a call may ask for.")
    max_response_bytes: Whole = Field(
        750_000, description="Most that is read of a page; at least 32000, at most 10000000."
    )
    timeout_seconds: Seconds = Field(30, description="Longest that a page may take, redirects included.")
    cache_ttl_minutes: Minutes = Field(15, description="How long a page is kept; 0 keeps none.")
    max_redirects: Annotated[Whole, Field(ge=0, le=20)] = Field(3, description="Most redirects that are followed.")
    readability: Flag = Field(True, description="Keep a page's main text only.")
    user_agent: Text | None = Field(None, description="How the request names itself.")
    headers: dict[str, SecretStr] = Field({}, description="Sent too, to the host that was asked for.")
    ssrf_policy: SsrfPolicy = Field(SsrfPolicy(), description="Which hosts beyond the public net may be fetched.")


class WebSearch(Section):
    """The web_search tool. Without a key it is not offered."""

    enabled: Flag = Field(True, description="Offer it.")
    provider: Literal["brave"] | None = Field(None, description="Who searches.")
    api_key: SecretStr | None = Field(
        None,
        description="Key of the Brave Search API; `plugins.entries.brave.config.webSearch.apiKey` is read too. "
        "Unset: BRAVE_API_KEY.",
    )
    base_url: Text = Field(
        "https://api.search.brave.com", description="Root of the Brave Search API, or of one that speaks like it."
    )
    max_results: Annotated[Whole, Field(ge=1, le=10)] = Field(5, description="Results when a call names no count.")
    timeout_seconds: Seconds = Field(30, description="Longest that a search may take.")
    cache_ttl_minutes: Minutes = Field(15, description="How long results are kept; 0 keeps none.")


class Web(Section):
    """What agents may read of the web."""

    fetch: WebFetch = Field(WebFetch(), description="The web_fetch tool.")
    search: WebSearch = Field(WebSearch(), description="The web_search tool.")
