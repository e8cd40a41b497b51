"""The family `sessions.*`: which conversations there are, what becomes of them, who watches them."""
