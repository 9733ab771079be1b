"""News sites by their sitemaps: which pages there are, and what an article's page says."""
