"""Discuz! X pages (X3.x; UTF-8, GBK, Big5; dynamic and rewritten addresses) as a guest without JavaScript sees them."""
