"""V2EX by the public part of its API, without a token."""
