"""What claims say together: their balance, their contradictions, and their measures pooled."""
