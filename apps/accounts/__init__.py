"""How people come in: sign-in, the second factor, lockout, sessions, and the account page."""
