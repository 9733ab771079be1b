"""Crawls by the clock: when a source is due, whose crawl it is, workers that stay."""
