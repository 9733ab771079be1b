"""A WordPress and a NodeBB, really installed, filled, crawled and judged: `python -m scripts.live`."""
