"""The commands of `python -m nlp` beside the scoring stage's."""
