"""What can be wrong with one instance on this host, one file a subject; `table.py` lists them."""
