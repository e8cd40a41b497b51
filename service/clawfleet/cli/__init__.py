"""What people type: one file per command family; parse and print only."""
