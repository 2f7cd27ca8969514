"""The API as tools for language models: MCP, at `/mcp`, to read only."""
