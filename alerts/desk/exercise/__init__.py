"""Letters with made-up content, plainly marked so, by which mail is proven before the first crisis."""
