"""A process of ours: its configuration, its clock, its signals, its logs, the places where it may be killed."""
