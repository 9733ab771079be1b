"""Politeness: robots.txt, patience, refused addresses, and one crawl of a host at a time."""
