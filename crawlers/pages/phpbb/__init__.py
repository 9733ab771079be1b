"""phpBB (3.3; prosilver and styles made from it) without JavaScript or an account."""
