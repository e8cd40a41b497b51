"""`controlUi.sessionPullRequests.subscribe`: pull requests that belong to sessions. None are known here."""

from __future__ import annotations

from pydantic import Field

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class PullRequestsParams(Params):
    """Of which sessions."""

    session_keys: list[str] = Field(default_factory=list, max_length=1000)


class Subscribed(Result):
    """The answer of `controlUi.sessionPullRequests.subscribe`."""

    subscribed: bool


@method("controlUi.sessionPullRequests.subscribe", scope="operator.read")
async def subscribe_pull_requests(call: Call, params: PullRequestsParams) -> Subscribed:
    """Nothing will be told of pull requests: this gateway looks at none."""
    return Subscribed(subscribed=False)
