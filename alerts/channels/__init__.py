"""Ways to deliver a letter; see alerts/channel.py for what they promise."""
