"""What stages say to each other: crawlers -> posts.raw -> nlp -> posts.scored -> index -> alerts."""
