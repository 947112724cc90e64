"""`centrala simulate`: the routing core under a virtual clock, fed with made-up or recorded customers."""
