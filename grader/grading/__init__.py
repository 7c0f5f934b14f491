"""Grade one submission: the pytest run, what it found, and the Report that says so."""
