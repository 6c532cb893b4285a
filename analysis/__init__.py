"""juncture: statistical hypothesis testing for political scientists."""
