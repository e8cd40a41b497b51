"""The headers of a call: the wire's own, then the operator's, then what shows who asks."""

from __future__ import annotations

from dataclasses import replace

from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.call import Call, secrets_of
from clawfleet.models.providers.failures import Site
from clawfleet.models.providers.route import Route, Shown, Tls

PLAIN = Endpoint("lan", "http://127.0.0.1:1", api_key="k3y-of-lan")
OWN = {"x-api-key": "k3y-of-lan", "Authorization": "Bearer k3y-of-lan"}


def headers(endpoint: Endpoint, auth: dict[str, str] | None = None) -> dict[str, str]:
    call = Call("http://127.0.0.1:1/x", {}, OWN if auth is None else auth, endpoint, Site.of(endpoint, "m"))
    return call.headers


def test_the_operators_headers_win_whatever_their_case() -> None:
    found = headers(replace(PLAIN, headers={"X-API-KEY": "mine", "User-Agent": "me"}))
    assert (found["x-api-key"], found["user-agent"], found["content-type"]) == ("mine", "me", "application/json")


def test_a_key_can_be_sent_as_bearer_too() -> None:
    endpoint = replace(PLAIN, auth_header=True)
    found = headers(endpoint, {"x-api-key": "k3y-of-lan"})
    assert (found["x-api-key"], found["authorization"]) == ("k3y-of-lan", "Bearer k3y-of-lan")
    assert "authorization" not in headers(replace(endpoint, api_key=None), {})


def test_another_bearer_takes_the_place_of_the_key() -> None:
    found = headers(replace(PLAIN, shown=Shown("authorization", "Bearer other")))
    assert (found["authorization"], found["x-api-key"]) == ("Bearer other", "k3y-of-lan")


def test_a_header_of_its_own_takes_the_place_of_authorization() -> None:
    found = headers(replace(PLAIN, auth_header=True, shown=Shown("X-Team-Key", "Tok VV")))
    assert found["x-team-key"] == "Tok VV"
    assert "authorization" not in found


def test_a_get_has_no_content() -> None:
    call = Call("http://127.0.0.1:1/x", None, {}, PLAIN, Site.of(PLAIN, "m"))
    assert "content-type" not in call.headers
    assert "k3y-of-lan" not in repr(Call("http://127.0.0.1:1/x", {}, OWN, PLAIN, Site.of(PLAIN, "m")))


def test_all_that_must_not_be_seen_is_known() -> None:
    tls = Tls(key="the-key", passphrase="open-sesame")
    route = Route(proxy="http://me:pr0xy-word@h:1", tls=tls)
    endpoint = replace(PLAIN, headers={"x": "h3ader"}, shown=Shown("authorization", "Bearer t0ken"), route=route)
    assert {"k3y-of-lan", "h3ader", "t0ken", "pr0xy-word", "the-key", "open-sesame"} <= set(secrets_of(endpoint))
