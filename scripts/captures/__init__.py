"""Recorded forums and feeds, crawled by the production spiders and scored: `python -m scripts.captures FOLDER`."""
