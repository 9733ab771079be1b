"""What a page is where no reader understands it: a refusal of the site, or a page of another software."""
