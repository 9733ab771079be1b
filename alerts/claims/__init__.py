"""The claims library (辟谣库): what was said before and found true or not, and new posts held against it."""
