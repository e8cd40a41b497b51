"""Who may come in: the whole table of clients, credentials, devices and circumstances, and what each is told."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.protocol.handshake import Refused
from tests.support.device import DeviceKey
from tests.unit.access.doors import ADMIN, LOCAL, READ, REMOTE, TOKEN, WRITE, Doorway, doorway

OWN_PAGE = {"origin": "http://127.0.0.1:18789"}
KEY = DeviceKey("one")
PAIRING = "operator.pairing"


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Doorway]:
    async with doorway(tmp_path) as made:
        yield made


# On this machine with the token, and no device.


@pytest.mark.parametrize(
    ("client", "address", "keeps"),
    [
        ("cli", LOCAL, True),
        ("backend", LOCAL, True),
        ("probe", LOCAL, False),
        ("mac", LOCAL, False),
        ("cli", REMOTE, False),
        ("backend", REMOTE, False),
        ("probe", REMOTE, False),
    ],
)
async def test_scopes_without_a_device_are_for_our_own_clients_here(
    door: Doorway, client: str, address: str, keeps: bool
) -> None:
    admitted = await door.enters(client, scopes=(READ, "foo.bar"), address=address)
    assert admitted.scopes == ((READ, "foo.bar") if keeps else ())
    assert (admitted.method, admitted.device_id, admitted.token) == ("token", None, None)


@pytest.mark.parametrize(
    "shown",
    [{"token": TOKEN}, {"password": TOKEN}, {"token": TOKEN, "password": "no"}, {"token": "no", "password": TOKEN}],
)
async def test_the_secret_counts_in_either_field(door: Doorway, shown: Mapping[str, str]) -> None:
    assert (await door.enters(shown=shown)).scopes == (READ,)


@pytest.mark.parametrize(
    ("client", "how", "code", "wire"),
    [
        ("cli", {"shown": {}}, "DEVICE_IDENTITY_REQUIRED", "NOT_PAIRED"),
        ("backend", {"shown": {}}, "DEVICE_IDENTITY_REQUIRED", "NOT_PAIRED"),
        ("cli", {"shown": {"deviceToken": "x"}}, "DEVICE_IDENTITY_REQUIRED", "NOT_PAIRED"),
        ("node", {}, "DEVICE_IDENTITY_REQUIRED", "NOT_PAIRED"),
        ("tui", {}, "CONTROL_UI_DEVICE_IDENTITY_REQUIRED", "INVALID_REQUEST"),
        ("page", {"headers": OWN_PAGE}, "CONTROL_UI_DEVICE_IDENTITY_REQUIRED", "INVALID_REQUEST"),
        ("page", {}, "CONTROL_UI_ORIGIN_NOT_ALLOWED", "INVALID_REQUEST"),
        ("page", {"shown": {}}, "CONTROL_UI_ORIGIN_NOT_ALLOWED", "INVALID_REQUEST"),
        ("cli", {"shown": {"token": "no"}}, "AUTH_TOKEN_MISMATCH", "INVALID_REQUEST"),
        ("cli", {"shown": {"password": "no"}}, "AUTH_TOKEN_MISMATCH", "INVALID_REQUEST"),
    ],
)
async def test_who_lacks_device_or_secret_is_told_which(
    door: Doorway, client: str, how: dict[str, Any], code: str, wire: str
) -> None:
    refused = await door.refused(client, **how)
    assert (refused.details["code"], refused.code, refused.close_code) == (code, wire, 1008)


# With a device.


async def test_a_new_device_here_is_approved_silently_and_gets_a_token_that_lets_it_in(door: Doorway) -> None:
    first = await door.enters(key=KEY, scopes=(ADMIN,))
    assert (first.method, first.scopes, first.device_id) == ("token", (ADMIN,), KEY.id)
    assert first.token is not None
    assert len(first.token.value) == 43
    ways: list[dict[str, str]] = [
        {"token": first.token.value},
        {"deviceToken": first.token.value},
        {"token": first.token.value, "deviceToken": first.token.value},
        {"token": "nope", "deviceToken": first.token.value},
    ]
    for shown in ways:
        again = await door.enters(key=KEY, scopes=(ADMIN,), shown=shown)
        assert (again.method, again.token) == ("device-token", first.token)
    narrow = await door.enters(key=KEY, scopes=(READ,), shown={"token": first.token.value})
    assert narrow.scopes == (READ,)


async def test_a_device_with_more_scopes_gets_another_token(door: Doorway) -> None:
    before = await door.token_of(KEY)
    upgraded = await door.enters(key=KEY, scopes=(READ, PAIRING))
    assert upgraded.scopes == (READ, PAIRING)
    assert upgraded.token is not None
    assert upgraded.token.value != before
    assert upgraded.token.scopes == (PAIRING, READ)


@pytest.mark.parametrize("field", ["token", "deviceToken"])
async def test_a_device_token_does_not_carry_more_than_was_approved(door: Doorway, field: str) -> None:
    token = await door.token_of(KEY)
    refused = await door.refused(key=KEY, scopes=(ADMIN,), shown={field: token})
    assert refused.message == "unauthorized: device token scope mismatch (re-pair or approve scope upgrade)"
    assert refused.details["code"] == "AUTH_SCOPE_MISMATCH"


@pytest.mark.parametrize(
    ("shown", "code", "step", "may_retry"),
    [
        ({}, "AUTH_TOKEN_MISSING", "update_auth_configuration", False),
        ({"token": "nope"}, "AUTH_TOKEN_MISMATCH", "retry_with_device_token", True),
        ({"deviceToken": "nope"}, "AUTH_DEVICE_TOKEN_MISMATCH", "update_auth_credentials", False),
        ({"token": "nope", "deviceToken": "nope"}, "AUTH_DEVICE_TOKEN_MISMATCH", "update_auth_credentials", False),
        ({"bootstrapToken": "nope"}, "AUTH_BOOTSTRAP_TOKEN_INVALID", "review_auth_configuration", False),
    ],
)
async def test_a_device_with_a_wrong_credential_learns_what_to_do_next(
    door: Doorway, shown: dict[str, str], code: str, step: str, may_retry: bool
) -> None:
    await door.token_of(KEY)
    details = (await door.refused(key=KEY, shown=shown)).details
    assert details["code"] == code
    assert details["recommendedNextStep"] == step
    assert details["canRetryWithDeviceToken"] is may_retry


async def test_a_token_of_another_device_or_role_lets_nobody_in(door: Doorway) -> None:
    token = await door.token_of(KEY)
    for client, key in (("cli", DeviceKey("two")), ("node", KEY)):
        refused = await door.refused(client, key=key, shown={"deviceToken": token}, scopes=())
        assert refused.details["code"] == "AUTH_DEVICE_TOKEN_MISMATCH"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"signature": "AAAA"}, "DEVICE_AUTH_SIGNATURE_INVALID"),
        ({"id": "0" * 64}, "DEVICE_AUTH_DEVICE_ID_MISMATCH"),
        ({"nonce": "nonce of another gateway"}, "DEVICE_AUTH_NONCE_MISMATCH"),
        ({"nonce": " "}, "DEVICE_AUTH_NONCE_REQUIRED"),
        ({"signedAt": 1}, "DEVICE_AUTH_SIGNATURE_EXPIRED"),
    ],
)
async def test_a_device_that_does_not_prove_itself_stays_out_with_the_right_secret_too(
    door: Doorway, wrong: dict[str, Any], code: str
) -> None:
    refused = await door.refused(key=KEY, device=wrong)
    assert refused.details["code"] == code
    assert not await door.devices.paired()


async def test_every_refusal_says_which_gateway_was_reached_and_what_mends_it(door: Doorway) -> None:
    cases: list[dict[str, Any]] = [
        {"shown": {"deviceToken": "of another gateway"}},
        {"device": {"nonce": "of another gateway"}},
        {"device": {"signature": "AAAA"}},
        {"shown": {"token": "of another gateway"}},
        {"address": REMOTE},
    ]
    for how in cases:
        refused = await door.refused(key=DeviceKey("stranger"), **how)
        here = {"instanceId": "instance-1", "port": 18789, "pid": 4711, "stateDir": ".openclaw"}
        assert refused.details["gateway"] == here
        assert "openclaw d" in refused.details["hint"]  # dashboard, or devices approve
        assert TOKEN not in str(refused)


# Pairing.


async def test_a_device_from_afar_waits_for_approval_and_then_comes_in(door: Doorway) -> None:
    asks: dict[str, Any] = {"key": KEY, "scopes": (READ, WRITE), "address": REMOTE}
    refused = await door.refused(**asks)
    assert (refused.code, refused.message) == ("NOT_PAIRED", "pairing required: device is not approved yet")
    request_id = refused.details["requestId"]
    assert refused.reason == f"{refused.message} (requestId: {request_id})"
    assert refused.details["hint"] == f"openclaw devices approve {request_id}"
    assert refused.details["reason"] == "not-paired"
    assert refused.details["requestedScopes"] == [READ, WRITE]
    assert "approvedRoles" not in refused.details
    assert (await door.refused(**asks)).details["requestId"] == request_id
    more = (await door.refused(**asks | {"scopes": (ADMIN,)})).details["requestId"]
    assert more != request_id
    assert (await door.refused(**asks | {"scopes": (ADMIN,)})).details["requestId"] == more
    await door.devices.approve(more)
    admitted = await door.enters(**asks)
    assert admitted.token is not None
    upgrade = await door.enters(**asks | {"scopes": (PAIRING, "operator.talk.secrets")})
    assert upgrade.token == admitted.token  # an administrator may have every operator scope


@pytest.mark.parametrize(
    ("client", "how", "reason", "words"),
    [
        ("node", {"scopes": ()}, "role-upgrade", "device is asking for a higher role than currently approved"),
        ("cli", {"scopes": (ADMIN,)}, "scope-upgrade", "device is asking for more scopes than currently approved"),
        ("mac", {}, "metadata-upgrade", "device identity changed and must be re-approved"),
        ("cli", {"more": {"platform": "darwin"}}, "metadata-upgrade", "device identity changed and must"),
        ("cli", {"more": {"deviceFamily": "Mac"}}, "metadata-upgrade", "device identity changed and must"),
    ],
)
async def test_a_known_device_that_asks_for_more_or_changed_waits_again(
    door: Doorway, client: str, how: dict[str, Any], reason: str, words: str
) -> None:
    await door.token_of(KEY)
    refused = await door.refused(client, key=KEY, address=REMOTE, **how)
    assert refused.message.startswith(f"pairing required: {words}")
    assert (refused.details["reason"], refused.details["approvedRoles"]) == (reason, ["operator"])
    assert refused.details["approvedScopes"] == [READ]


@pytest.mark.parametrize("change", [{"version": "2"}, {"displayName": "Renamed"}, {"platform": " LINUX "}])
async def test_a_new_version_or_name_is_no_changed_identity(door: Doorway, change: dict[str, str]) -> None:
    await door.token_of(KEY)
    await door.enters(key=KEY, address=REMOTE, more=change)


async def test_a_changed_identity_is_never_approved_silently(door: Doorway) -> None:
    await door.token_of(KEY)
    refused = await door.refused("mac", key=KEY)
    assert refused.details["reason"] == "metadata-upgrade"
    other = await door.refused(key=KEY, more={"platform": "darwin", "deviceFamily": "Mac"})
    assert other.details["requestId"] == refused.details["requestId"]
    await door.devices.approve(refused.details["requestId"])
    await door.enters(key=KEY, more={"platform": "darwin", "deviceFamily": "Mac"})
    assert (await door.refused(key=KEY)).details["reason"] == "metadata-upgrade"


async def test_a_page_that_waits_is_told_to_go_on_trying(door: Doorway) -> None:
    page = {"origin": "http://172.17.0.1:18789", "host": "172.17.0.1:18789"}
    details = (await door.refused("page", key=KEY, address=REMOTE, headers=page)).details
    assert (details["recommendedNextStep"], details["retryable"], details["pauseReconnect"]) == (
        "wait_then_retry", True, False,
    )  # fmt: skip
    assert "retryable" not in (await door.refused("cli", key=DeviceKey("two"), address=REMOTE)).details


async def test_silent_approval_can_be_switched_off(tmp_path: Path) -> None:
    async with doorway(tmp_path, {"nodes": {"pairing": {"autoApproveLocal": False}}}) as door:
        assert (await door.refused(key=KEY)).details["reason"] == "not-paired"


async def test_a_node_comes_in_from_here_and_from_listed_networks_only(tmp_path: Path) -> None:
    async with doorway(tmp_path, {"nodes": {"pairing": {"autoApproveCidrs": ["198.51.100.0/24"]}}}) as door:
        here = await door.enters("node", key=KEY, scopes=())
        assert (here.role, here.scopes, here.token is not None) == ("node", (), True)
        listed = await door.enters("node", key=DeviceKey("two"), scopes=(), address=REMOTE)
        assert listed.role == "node"
        for client, address in (("node", "203.0.113.1"), ("cli", REMOTE)):
            assert (await door.refused(client, key=DeviceKey("3"), scopes=(), address=address)).code == "NOT_PAIRED"
        assert {row.approved_via for row in await door.devices.paired()} == {"silent", "trusted-cidr"}


async def test_a_removed_device_is_a_stranger_again_and_its_old_token_dead(door: Doorway) -> None:
    token = await door.token_of(KEY)
    await door.devices.remove(KEY.id)
    assert (await door.refused(key=KEY, shown={"token": token})).details["code"] == "AUTH_TOKEN_MISMATCH"
    await door.token_of(KEY)
    assert (await door.refused(key=KEY, shown={"deviceToken": token})).details["code"] == "AUTH_DEVICE_TOKEN_MISMATCH"


# Origins.


@pytest.mark.parametrize(
    ("client", "headers", "reason"),
    [
        ("page", {"origin": "https://evil.example"}, "origin not allowed"),
        ("cli", {"origin": "https://evil.example"}, "origin not allowed"),
        ("page", {"origin": "null"}, "origin missing or invalid"),
        ("page", {}, "origin missing or invalid"),
        ("page", {"origin": "http://192.0.2.10:18789", "host": "192.0.2.10:3000"}, "origin not allowed"),
    ],
)
async def test_pages_of_strangers_are_turned_away_before_anything_is_looked_at(
    door: Doorway, client: str, headers: dict[str, str], reason: str
) -> None:
    refused = await door.refused(client, key=KEY, shown={"token": "wrong"}, headers=headers)
    assert (refused.details["code"], refused.details["reason"]) == ("CONTROL_UI_ORIGIN_NOT_ALLOWED", reason)
    assert len(door.failures) == 0


@pytest.mark.parametrize("origin", ["http://127.0.0.1:18789", "http://localhost:5173"])
async def test_pages_of_this_machine_come_in(door: Doorway, origin: str) -> None:
    assert (await door.enters("page", key=KEY, headers={"origin": origin})).scopes == (READ,)


async def test_a_foreign_host_is_believed_only_when_the_config_dares(tmp_path: Path) -> None:
    headers = {"origin": "https://claw.example.com", "host": "claw.example.com"}
    async with doorway(tmp_path) as door:
        assert (await door.refused("page", key=KEY, headers=headers)).details["reason"] == "origin not allowed"
    dares = {"controlUi": {"dangerouslyAllowHostHeaderOriginFallback": True}}
    (tmp_path / "two").mkdir()
    async with doorway(tmp_path / "two", dares) as door:
        await door.enters("page", key=KEY, headers=headers)


# Password, and none.


@pytest.mark.parametrize(
    ("client", "how", "words"),
    [
        ("cli", {"key": KEY, "shown": {}}, "missing (use this gateway's gateway.auth.password)"),
        ("page", {"key": KEY, "shown": {}, "headers": OWN_PAGE}, "missing (enter the password in Control UI settings)"),
        ("cli", {"shown": {"password": "bad"}}, "mismatch (use this gateway's gateway.auth.password)"),
        ("cli", {"key": KEY, "shown": {"password": "bad"}}, "mismatch (use this gateway's gateway.auth.password)"),
        ("cli", {"shown": {"password": "bad"}, "address": REMOTE},
         "mismatch (set gateway.remote.password to match gateway.auth.password)"),
        ("mac", {"key": KEY, "shown": {"password": "bad"}}, "mismatch (provide gateway auth token/password)"),
    ],
)  # fmt: skip
async def test_the_password_is_asked_for_by_its_name(
    tmp_path: Path, client: str, how: dict[str, Any], words: str
) -> None:
    async with doorway(tmp_path, auth=GatewayAuth("password", "pw")) as door:
        refused = await door.refused(client, **how)
        assert refused.message == f"unauthorized: gateway password {words}"
        assert not refused.details["canRetryWithDeviceToken"]
        for shown in ({"password": "pw"}, {"token": "pw"}, {"token": "pw", "password": "pw"}):
            admitted = await door.enters("page", key=KEY, shown=shown, headers=OWN_PAGE)
            assert (admitted.method, admitted.token is not None) == ("password", True)


@pytest.mark.parametrize(
    ("client", "how", "outcome"),
    [
        ("cli", {}, "DEVICE_IDENTITY_REQUIRED"),
        ("cli", {"shown": {"token": "x"}}, "DEVICE_IDENTITY_REQUIRED"),
        ("backend", {}, "in"),
        ("cli", {"key": KEY}, "in with a token"),
        ("page", {"key": KEY, "headers": OWN_PAGE}, "in"),
        ("page", {"headers": OWN_PAGE}, "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"),
    ],
)
async def test_without_auth_this_machine_is_trusted_but_not_unknown_clients(
    tmp_path: Path, client: str, how: dict[str, Any], outcome: str
) -> None:
    async with doorway(tmp_path, auth=GatewayAuth("none")) as door:
        verdict = await door.knock(client, scopes=(ADMIN,), **{"shown": {}, **how})
        if isinstance(verdict, Refused):
            assert verdict.details["code"] == outcome
            return
        assert (verdict.method, verdict.scopes) == ("none", (ADMIN,))
        assert outcome == ("in" if verdict.token is None else "in with a token")


# Behind a proxy.


async def test_ten_wrong_tokens_lock_an_address_out_but_not_its_devices(door: Doorway) -> None:
    token = await door.token_of(KEY)
    for _ in range(10):
        refused = await door.refused(shown={"token": "bad"}, address=REMOTE)
        assert (refused.details["code"], refused.delay_ms) == ("AUTH_TOKEN_MISMATCH", 0)
    for shown in ({"token": "bad"}, {"token": TOKEN}):
        refused = await door.refused(shown=shown, address=REMOTE)
        assert refused.message == "unauthorized: too many failed authentication attempts (retry later)"
        assert refused.error["retryAfterMs"] == 300_000
        assert refused.error["retryable"] is True
    for field in ("token", "deviceToken"):
        await door.enters(key=KEY, shown={field: token}, address=REMOTE)
    await door.enters(address="198.51.100.8")
    await door.enters()
    door.clock.now += 300_001
    assert (await door.enters(address=REMOTE)).method == "token"


async def test_guesses_on_this_machine_are_slowed_down_but_never_locked_out(door: Doorway) -> None:
    delays = [(await door.refused(shown={"token": "bad"})).delay_ms for _ in range(20)]
    assert delays[:7] == [250, 500, 1000, 2000, 4000, 5000, 5000]
    assert set(delays[7:]) == {5000}
    await door.enters()
    assert (await door.refused(shown={"token": "bad"})).delay_ms == 250


async def test_guesses_of_a_web_page_are_counted_by_its_origin(door: Doorway) -> None:
    page = {"origin": "http://localhost:5173"}
    for _ in range(10):
        await door.refused("page", key=KEY, shown={"token": "bad"}, headers=page)
    refused = await door.refused("page", key=KEY, headers=page)
    assert refused.details["code"] == "AUTH_RATE_LIMITED"
    await door.enters("page", key=KEY, headers=OWN_PAGE)


async def test_showing_nothing_is_no_guess(door: Doorway) -> None:
    for _ in range(12):
        await door.refused(key=KEY, shown={}, address=REMOTE)
    assert len(door.failures) == 0


async def test_wrong_device_tokens_are_counted_apart(door: Doorway) -> None:
    for _ in range(10):
        assert (await door.refused(key=KEY, shown={"deviceToken": "bad"}, address=REMOTE)).delay_ms == 0
    limited = await door.refused(key=KEY, shown={"deviceToken": "bad"}, address=REMOTE)
    assert limited.details["code"] == "AUTH_RATE_LIMITED"
    await door.enters(address=REMOTE)
