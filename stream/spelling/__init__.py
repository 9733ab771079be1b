"""One spelling of what people write in many: for rules, for the search, and for whoever else compares words. Pure."""
