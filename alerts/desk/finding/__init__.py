"""The search of the console: what was asked, by the names people know, and what is shown of what was found."""
