"""The console: pages on which people of alerts.yml act, search and see whether silence is calm."""
