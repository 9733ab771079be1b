"""For people; imported by nobody."""
