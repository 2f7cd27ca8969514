"""What was made and what it carries: sources, preparations and cargos."""
