"""What every record has: an accession given once, a history that nobody edits."""
