"""From key to key and from model to model, until one answers; what was shown is never said again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pytest

from clawfleet.core.messages import Thought, ToolCall, Usage
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.ring import Key, KeyRing
from clawfleet.models.failover import Failover, Leg, Switched, Way
from clawfleet.models.providers.base import Event, Finished, ReasoningDelta, TextDelta, ThoughtSealed, ToolCalled
from clawfleet.models.providers.classify import Reason, Verdict
from clawfleet.models.providers.failures import CallFailed, EmptyAnswer, MalformedCall, Site, failure_of, malformed_call
from clawfleet.models.refs import ModelRef

ONE, TWO = ModelRef("a", "one"), ModelRef("b", "two")
Step = Reason | Literal["malformed"]
OK: list[Event | Step] = [TextDelta("hi"), Finished("stop", Usage())]
STATUS = {"auth": 401, "billing": 402, "rate_limit": 429, "server_error": 500, "format": 400, "model_not_found": 404}


def plain(name: str) -> Key:
    return Key(f"inline:{name}", "", name, name)


def stored(name: str) -> Key:
    return Key(name, "main", f"auth profile {name}", name, AuthProfile(name, "a", "api_key", name, owner="main"))


@dataclass
class Trip:
    """What the legs do, in order, and what came of it."""

    steps: list[list[Event | Step]]
    now: int = 1_000_000
    asked: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    ring: KeyRing = field(init=False)

    def __post_init__(self) -> None:
        self.ring = KeyRing(clock=lambda: self.now)

    async def ask(self, leg: Leg) -> AsyncGenerator[Event, None]:
        self.asked.append(f"{leg.ref}+{leg.key.secret}")
        for step in self.steps.pop(0):
            if step == "malformed":
                raise malformed_call(Site(leg.ref.provider, leg.ref.model, "http://x"), "exec")
            if isinstance(step, str):
                verdict = Verdict(step, STATUS.get(step), None, "")
                raise failure_of(verdict, Site(leg.ref.provider, leg.ref.model, "http://x", leg.key.source))
            yield step

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += int(seconds * 1000)

    async def go(self, legs: Sequence[Leg]) -> list[Event | Switched]:
        way = Way(legs[0].ref, legs, session_id="s")
        return [event async for event in Failover(way, self.ask, self.ring, self.sleep).stream()]


def legs(*keys: Key, ref: ModelRef = ONE) -> list[Leg]:
    return [Leg(ref, key) for key in keys]


async def test_the_first_that_answers_is_the_only_one_asked() -> None:
    trip = Trip([OK])
    assert await trip.go(legs(plain("k1"), plain("k2"))) == OK
    assert trip.asked == ["a/one+k1"]


async def test_plain_keys_take_turns_at_rate_limits_without_a_wait() -> None:
    trip = Trip([["rate_limit"], ["rate_limit"], OK])
    assert await trip.go(legs(plain("k1"), plain("k2"), plain("k3"))) == OK
    assert trip.asked == ["a/one+k1", "a/one+k2", "a/one+k3"] and not trip.waits


@pytest.mark.parametrize("reason", ["auth", "billing"])
async def test_a_wrong_plain_key_does_not_rotate(reason: Reason) -> None:
    trip = Trip([[reason]])
    with pytest.raises(CallFailed) as caught:
        await trip.go(legs(plain("k1"), plain("k2")))
    assert caught.value.reason == reason and "attempts" not in caught.value.details
    assert trip.asked == ["a/one+k1"]


async def test_profiles_rotate_at_whatever_may_be_theirs() -> None:
    trip = Trip([["auth"], ["billing"], OK])
    assert await trip.go(legs(stored("p:1"), stored("p:2"), stored("p:3"))) == OK
    assert not trip.waits
    trip.steps = [OK]
    assert await trip.go(legs(stored("p:1"), stored("p:2"), stored("p:3"))) == OK
    assert trip.asked[-1] == "a/one+p:3"


async def test_another_model_answers_and_says_so() -> None:
    trip = Trip([["billing"], OK])
    events = await trip.go([*legs(plain("k1")), *legs(plain("k2"), ref=TWO)])
    assert events == [Switched(TWO, ONE, "billing"), *OK]


async def test_a_model_that_is_not_there_skips_its_other_keys() -> None:
    trip = Trip([["model_not_found"], OK])
    await trip.go([*legs(stored("p:1"), stored("p:2")), *legs(plain("k"), ref=TWO)])
    assert trip.asked == ["a/one+p:1", "b/two+k"]


async def test_all_failing_tell_the_last_error_and_the_way_there() -> None:
    trip = Trip([["rate_limit"], ["billing"], ["format"]])
    with pytest.raises(CallFailed) as caught:
        await trip.go([*legs(plain("k1"), plain("k2")), *legs(plain("k3"), ref=TWO)])
    error = caught.value
    assert error.reason == "format"
    assert [row["reason"] for row in error.details["attempts"]] == ["rate_limit", "billing", "format"]  # type: ignore[attr-defined]
    assert "Tried: a/one with k1: rate limit; a/one with k2: billing; b/two with k3: format" in str(error.hint)


@pytest.mark.parametrize("reason", ["context_overflow", "refusal"])
async def test_what_the_conversation_has_to_mend_is_not_put_to_others(reason: Reason) -> None:
    trip = Trip([[reason]])
    with pytest.raises(CallFailed):
        await trip.go([*legs(plain("k1")), *legs(plain("k2"), ref=TWO)])
    assert len(trip.asked) == 1


async def test_after_the_first_word_nothing_is_asked_again() -> None:
    trip = Trip([[TextDelta("He"), "server_error"], OK])
    heard: list[Event | Switched] = []
    way = Way(ONE, [*legs(plain("k1")), *legs(plain("k2"), ref=TWO)])
    with pytest.raises(CallFailed):
        async for event in Failover(way, trip.ask, trip.ring, trip.sleep).stream():
            heard.append(event)
    assert heard == [TextDelta("He")] and len(trip.asked) == 1


async def test_a_busy_provider_is_asked_again_before_others_are() -> None:
    trip = Trip([["server_error"], OK])
    assert await trip.go([*legs(plain("k1")), *legs(plain("k2"), ref=TWO)]) == OK
    assert trip.asked == ["a/one+k1", "a/one+k1"] and 1 <= trip.waits[0] <= 1.5


async def test_what_rests_is_left_out_until_its_time_has_passed() -> None:
    both = [*legs(stored("p:1"), stored("p:2"))]
    trip = Trip([["rate_limit"], OK, OK, OK])
    await trip.go(both)
    await trip.go(both)
    assert trip.asked[-1] == "a/one+p:2"
    trip.now += 30_000
    await trip.go(both)
    assert trip.asked[-1] == "a/one+p:1"


async def test_when_all_rest_the_soonest_free_is_tried_all_the_same() -> None:
    trip = Trip([["auth"], ["auth"], OK])
    with pytest.raises(CallFailed):
        await trip.go(legs(stored("p:1"), stored("p:2")))
    assert await trip.go(legs(stored("p:1"), stored("p:2"))) == OK
    assert trip.asked[-1] == "a/one+p:1"


async def test_the_only_key_is_waited_for_at_a_rate_limit() -> None:
    trip = Trip([["rate_limit"], ["rate_limit"], OK])
    assert await trip.go(legs(plain("k"))) == OK
    assert len(trip.waits) == 2 and trip.asked == ["a/one+k"] * 3


SEAL, OTHER_SEAL = ThoughtSealed(Thought("a/one", "s")), ThoughtSealed(Thought("a/one", "t"))
CALLED: list[Event | Step] = [ToolCalled(ToolCall("c", "exec", "{}")), Finished("toolUse", Usage())]


async def test_a_tool_call_that_is_none_is_asked_for_again_and_its_thoughts_are_forgotten() -> None:
    trip = Trip([[ReasoningDelta("hm"), SEAL, "malformed"], ["malformed"], ["malformed"], [OTHER_SEAL, *CALLED]])
    assert await trip.go(legs(plain("k1"))) == [ReasoningDelta("hm"), OTHER_SEAL, *CALLED]
    assert len(trip.asked) == 4 and trip.waits == [0.0] * 3


async def test_the_fourth_such_call_is_the_last_and_the_key_is_not_to_blame() -> None:
    trip = Trip([["malformed"]] * 4)
    with pytest.raises(MalformedCall):
        await trip.go(legs(plain("k1")))
    assert not trip.ring.blocked_until_ms(plain("k1"), "one")


async def test_what_was_seen_is_not_said_again_for_a_call_that_is_none() -> None:
    trip = Trip([[TextDelta("I look"), "malformed"]])
    with pytest.raises(MalformedCall):
        await trip.go([*legs(plain("k1")), *legs(plain("k2"), ref=TWO)])
    assert len(trip.asked) == 1


async def test_an_empty_answer_is_asked_for_once_more_then_another_model_is() -> None:
    nothing: list[Event | Step] = [SEAL, Finished("stop", Usage())]
    trip = Trip([nothing, OK])
    assert await trip.go(legs(plain("k1"))) == OK
    trip = Trip([nothing, nothing, OK])
    events = await trip.go([*legs(plain("k1")), *legs(plain("k2"), ref=TWO)])
    assert events == [Switched(TWO, ONE, "empty_response"), *OK]
    trip = Trip([nothing, nothing])
    with pytest.raises(EmptyAnswer, match="couldn't generate a response"):
        await trip.go(legs(plain("k1")))


async def test_an_answer_cut_at_its_first_token_is_no_empty_one() -> None:
    trip = Trip([[Finished("length", Usage())]])
    assert await trip.go(legs(plain("k1"))) == [Finished("length", Usage())]
