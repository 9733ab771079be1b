"""What a page says: one pure reader per software, from bytes to observations. Knows no Scrapy, no clock, no state."""
