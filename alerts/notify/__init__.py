"""How people are told: notices, their rendering, the outbox and the channels."""
