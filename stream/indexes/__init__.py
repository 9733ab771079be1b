"""Adapters of the index port, one per engine."""
