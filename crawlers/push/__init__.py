"""What is handed in rather than fetched: files of rows, read by a column map."""
