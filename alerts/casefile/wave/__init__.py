"""What is gathered of a case's wave: its posts, what they say, which to quote, how it goes on, which claim it is."""
