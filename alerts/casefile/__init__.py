"""Cases, their tasks and their history in the database."""
