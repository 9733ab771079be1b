"""What a page says: one pure `parse` per software, from bytes to sightings. Knows no Scrapy, no clock, no state."""
