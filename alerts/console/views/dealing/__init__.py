"""One case, all of them, and what is done there."""
