"""Security: passwords, API keys, the county's key and webhook signatures."""
