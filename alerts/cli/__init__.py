"""The commands of the alerts: they ask the desk, and put what it answers into words."""
