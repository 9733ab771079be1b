"""The index of posts and of what happened to cases: its ports, its stages, its engines."""
