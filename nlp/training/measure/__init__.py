"""How a model is measured, beside baselines on the same texts: quality, speed, agreement of two forms."""
