"""NodeBB (4.x) by the JSON twins of its pages, which lie under /api, without an account."""
