"""How a guest behaves: robots.txt, patience, refused addresses, and stopping where a site says no."""
