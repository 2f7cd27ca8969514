"""The views: parse, one call, render."""
