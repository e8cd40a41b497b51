"""Slash commands: what a person types to steer a session instead of asking the model."""
