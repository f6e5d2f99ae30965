"""Views: the documents in Elasticsearch. Each can be deleted and rebuilt from its topic."""
