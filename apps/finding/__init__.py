"""What is asked of the evidence, and what answers."""
