"""What goes to a person, before any medium gives it a form: notices, bulletins, and the words in them."""
