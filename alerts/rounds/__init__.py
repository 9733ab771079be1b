"""What the watcher does each minute beside looking and sending: it minds itself, its sources and its clock."""
