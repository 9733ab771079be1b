"""What people do to a case and order about it: each a transaction of its own, its record and its letters included."""
