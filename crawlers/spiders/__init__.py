"""How each software is walked: which page follows which. What a page says is read in crawlers/pages."""
