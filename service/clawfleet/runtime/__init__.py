"""The composition root: builds every part of a gateway, starts and stops them in one order."""
