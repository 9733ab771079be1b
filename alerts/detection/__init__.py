"""From counts to a judgement, and from a judgement to a grade."""
