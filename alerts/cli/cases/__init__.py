"""Commands about cases, and a case in lines for a terminal."""
