"""What programs write in the name of people: drafts, submissions, comments."""
