"""Coming in: signing in, a first password, one's own account, a letter's link."""
