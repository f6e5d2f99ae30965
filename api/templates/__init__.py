"""Message templates, for inspection."""
