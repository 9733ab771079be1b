"""The commands of `python -m stream`, and what the commands of all packages share."""
