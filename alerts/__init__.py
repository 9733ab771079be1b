"""When people must look at what is being said, and what they then do."""
