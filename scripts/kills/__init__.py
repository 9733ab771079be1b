"""Kill every stage at random moments, start it again, and show that nothing was lost or doubled."""
