"""What a letter tells of a case beside its figures: why it is written, what was done before, how the wave stands."""
