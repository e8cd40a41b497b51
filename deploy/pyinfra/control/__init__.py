"""What `openclaw fleet` does: one file per verb, over the fleet as a whole. Only `converge.py` needs pyinfra."""
