"""Text: the tokenizer, and skills by any of their names."""
