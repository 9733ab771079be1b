"""MyBB (1.8) without JavaScript or an account, with dynamic addresses or rewritten ones."""
