"""Who writes, reviews and administers evidence."""
