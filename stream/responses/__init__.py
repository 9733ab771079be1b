"""Answers of sites as they were sent: for a day at most, longer only where a case claims them, and then sealed."""
