"""A question understood before it is looked up: spelling, parts, kind."""
