"""The log in Kafka, through kafka-python."""
