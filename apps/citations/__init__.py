"""How often studies are cited, and what became of them: asked of outside services, politely."""
