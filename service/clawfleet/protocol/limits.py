"""Numbers of the wire. Source: protocol §2."""

from __future__ import annotations

PROTOCOL = 4
OLDEST_PROTOCOL = 3
"""Clients of the seeds' era speak 3; frames are the same."""

MAX_FRAME_BEFORE_CONNECT = 64 * 1024
MAX_FRAME = 25 * 1024 * 1024
MAX_BUFFERED = 50 * 1024 * 1024
HANDSHAKE_S = 15.0
TICK_INTERVAL_MS = 30_000
PING_S = 25.0
MAX_PREAUTH_PER_ADDRESS = 32
MAX_EARLY_FRAMES = 15
"""Frames of a client that may wait while it is decided whether it may come in."""
MAX_REQUESTS_UNDER_WAY = 256
CLOSE_S = 5.0
"""What a client that is closed gets to read what is queued for it; then its connection is cut."""

MAX_CLOSE_REASON = 120
"""Bytes of UTF-8; a close frame holds 123."""
