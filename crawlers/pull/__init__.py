"""What is fetched: spiders, their politeness, one crawl from its configuration to its health."""
