"""What a post feels like, and what it is about: posts.raw → nlp → posts.scored."""
