"""Clawfleet: an OpenClaw-compatible gateway, and fleets of them."""

__version__ = "0.1.0"
