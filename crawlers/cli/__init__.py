"""The commands of `python -m crawlers`."""
