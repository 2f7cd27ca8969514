"""Spreadsheets and documents that people upload: checked whole, then stored as their drafts, or not at all."""
