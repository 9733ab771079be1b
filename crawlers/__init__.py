"""Crawl sites politely, turn pages into posts."""
