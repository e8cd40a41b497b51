"""The machine underneath: ports, locks, processes, service units."""
