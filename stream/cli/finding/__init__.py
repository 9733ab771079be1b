"""`search` and `export`: what the index holds, for a person and for a program."""
