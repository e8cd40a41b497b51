"""Words everyone uses: errors, events, ids, clock, logging. Imports nothing else of this package."""
