"""WeChat public accounts (公众号): an article's own page, and what stands there when it is gone."""
