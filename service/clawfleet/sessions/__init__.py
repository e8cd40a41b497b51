"""What was said: sessions, transcripts and the inputs that still wait for their answer."""
