"""Evidence documents (YAML) in and out."""
