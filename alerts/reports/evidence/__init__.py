"""A case proven to others: a packet that a third person verifies, and pages as their sites sent them."""
