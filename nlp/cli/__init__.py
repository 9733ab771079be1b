"""The commands of `python -m nlp`, a module for each thing that they are about."""
