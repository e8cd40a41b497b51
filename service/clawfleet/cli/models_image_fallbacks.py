"""`openclaw models image-fallbacks`: what is tried when the model for pictures does not answer."""

from __future__ import annotations

from clawfleet.cli.models_fallback_words import fallback_group

command = fallback_group("image-fallbacks", "imageModel", "Image fallback")
