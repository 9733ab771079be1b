"""How a model is fitted: pre-training, teacher, fine-tuning, calibration, and the baseline that it must beat."""
