"""Who came: sessions, passwords, and links that are used once."""
