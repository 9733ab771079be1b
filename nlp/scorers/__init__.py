"""The scorers: one module per runtime, all behind nlp.scorer.Scorer."""
