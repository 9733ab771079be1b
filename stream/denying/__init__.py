"""The ways in which a text says of something that it is not so, one a module, and what makes each of them doubtful."""
