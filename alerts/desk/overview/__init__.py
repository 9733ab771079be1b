"""How everything is at a moment: cases by whose turn they are, topics, sources, the stages and what they left."""
