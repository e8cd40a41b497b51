"""The words on the wire. Pure: no I/O, no state beyond what is handed in."""
