"""The rumour-response workflow: its steps, its clocks, its ladder. Pure."""
