"""What people and programs put into a folder: files of rows, each taken once it lies still."""
