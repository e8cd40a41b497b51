"""Why a messaging platform did not do what was asked: the leaves of `ChannelError`.

ChannelError
├── NotConnected     no answer, or the platform is in trouble       worth another try
├── TooFast          the platform asks for a pause                  worth another try after it
├── SendRefused      this message will never be taken
│   └── MarkupRefused    not with this markup; plain text may pass
├── TokenRejected    the platform does not know the credential
├── PollerConflict   somebody else receives with the same credential
├── LibraryMissing   the channel's Python library is not installed
└── NoSuchAccount    nothing of that name is configured
"""

from __future__ import annotations

from clawfleet.core.errors import ChannelError


class NotConnected(ChannelError):
    """No answer in time, no connection, or the platform answered 5xx."""

    code = "CHANNEL_NOT_CONNECTED"


class TooFast(ChannelError):
    """The platform limits our rate. `retry_after_s` is the pause it asks for."""

    code = "CHANNEL_RATE_LIMITED"

    def __init__(self, channel: str, retry_after_s: float) -> None:
        super().__init__(f"{channel} asks to wait {retry_after_s:g} s before the next request")
        self.retry_after_s = retry_after_s


class SendRefused(ChannelError):
    """The platform refuses this message: blocked by the user, unknown chat, not allowed."""

    code = "CHANNEL_SEND_REFUSED"
    is_final = True


class MarkupRefused(SendRefused):
    """The platform cannot read the markup."""

    code = "CHANNEL_MARKUP_REFUSED"


class TokenRejected(ChannelError):
    """The platform does not accept the account's credential."""

    code = "CHANNEL_TOKEN_REJECTED"

    def __init__(self, channel: str, key: str) -> None:
        super().__init__(f"{channel} does not accept the token", hint=f"set {key} to a valid token")


class PollerConflict(ChannelError):
    """Two receivers use one credential; each message reaches only one of them."""

    code = "CHANNEL_CONFLICT"

    def __init__(self, channel: str, account: str) -> None:
        super().__init__(
            f"another poller uses the token of {channel} account {account}",
            hint="stop the other gateway or bot, or give each its own token",
        )


class LibraryMissing(ChannelError):
    """The channel is configured, but the library that speaks its protocol is not installed."""

    code = "CHANNEL_LIBRARY_MISSING"

    def __init__(self, channel: str, extra: str) -> None:
        super().__init__(
            f"the library for {channel} is not installed", hint=f"pip install 'clawfleet[{extra}]', then restart"
        )


class NoSuchAccount(ChannelError):
    """A message is to go out through an account that is not configured, or not enabled."""

    code = "CHANNEL_NO_ACCOUNT"

    def __init__(self, channel: str, account: str) -> None:
        super().__init__(
            f"{channel} account {account} is not running", hint=f"look at channels.{channel} and `channels status`"
        )
