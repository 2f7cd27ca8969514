"""The controlled words, and what the names that studies write mean."""
