"""The forms a notice takes, a module per medium; rendering never fails, and no post text gets into a header."""
