"""How the shipped model is made and measured.

Its folders import only what stands to their left: texts ← fit ← measure ← ship. The modules errors, settings and
metrics import none of them; commands imports them all, each when its command runs.
"""
