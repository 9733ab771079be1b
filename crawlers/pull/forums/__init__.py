"""Walking forums: lists, threads and boards, whatever their software."""
