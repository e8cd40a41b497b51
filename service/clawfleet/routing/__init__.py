"""To whom, under which key, may they speak: pure decisions about an inbound message."""
