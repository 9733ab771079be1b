"""Which letters wait although they could go, and how they are told in the end."""
