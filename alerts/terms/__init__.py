"""Terms that burst against their own past: what people suddenly speak of, whether any topic knows it or not.

Words are not looked up in a segmenter's dictionary: what bursts is often a word that no dictionary has. A term is
whatever stands together in many authors' posts and is not always a part of the same longer term.
"""
