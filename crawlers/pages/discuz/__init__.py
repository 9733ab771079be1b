"""Discuz! X pages (X3.x; UTF-8, GBK, Big5; dynamic and rewritten addresses) without JavaScript or an account."""
