"""The heart: what vesicles were shown to do, and which state of review that is in."""
