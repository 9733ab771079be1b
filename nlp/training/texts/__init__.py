"""What a model is trained and evaluated on, and how texts become tokens and batches."""
