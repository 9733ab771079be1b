"""Public accounts, news sites and blogs, and what an entry of a feed is among those known."""
