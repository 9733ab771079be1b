"""Posts: searched for, taken away, judged."""
