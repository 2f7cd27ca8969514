"""The daily work around claims: what is said about them, who is asked to review them, and what waits for whom."""
