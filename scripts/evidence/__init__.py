"""What verifies a packet of evidence without this program."""
