"""`openclaw models fallbacks`: what is tried when the agents' model does not answer."""

from __future__ import annotations

from clawfleet.cli.models_fallback_words import fallback_group

command = fallback_group("fallbacks", "model", "Fallback")
