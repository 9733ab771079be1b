"""What keeps one thing that fails, or one name that is gone, from stopping the rest."""
