"""Provider files to observations: one module per provider, put together in `extract`."""
