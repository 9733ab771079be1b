"""The log: topics cut into partitions, the loop that reads them, and what becomes of records nobody can process."""
