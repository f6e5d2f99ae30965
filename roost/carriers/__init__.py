"""Providers that carry messages in China: signatures, templates, segments, codes."""
