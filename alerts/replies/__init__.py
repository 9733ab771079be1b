"""Letters answered by mail: read from a mailbox, understood, done in the ordinary place, and answered."""
