"""What a model is trained and examined on."""
