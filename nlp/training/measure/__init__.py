"""How a model is measured, beside others on the same texts."""
