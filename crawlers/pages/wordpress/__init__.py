"""Reading WordPress by its own interface, REST: posts and comments with totals."""
