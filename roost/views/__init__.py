"""Views: what Elasticsearch holds. Each can be deleted and rebuilt from its topic."""
