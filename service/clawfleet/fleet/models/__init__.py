"""The fleet file as typed sections, one module per level."""
