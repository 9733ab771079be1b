"""The detector on a past: a file of counts, one judgement a row, and a picture of them."""
