"""How the shipped model is made: pre-train, fine-tune, evaluate, export."""
