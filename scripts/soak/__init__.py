"""`make soak`: the whole pipeline under a steady stream of posts, and what becomes of memory, handles, lag and time."""
