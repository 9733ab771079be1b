"""Ways to deliver a notice; see alerts/notify/channel.py for what they promise."""
