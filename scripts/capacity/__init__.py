"""How many machines a rate of posts takes: unit costs measured here, the rest arithmetic."""
