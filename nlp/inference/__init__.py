"""What every scorer does around its forward pass, and what a model folder says of itself.

Imports nothing of training.
"""
