"""The log's engines: one file for one machine, Kafka beyond."""
