"""Contact with people and systems: addresses, stop words, stop links, webhook targets."""
