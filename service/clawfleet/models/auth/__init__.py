"""Whose key is sent: stored credentials, their order, what became of each, and how they are renewed."""
