"""The literature: publications and registered trials, their standing and their citations."""
