"""For each reader of Reports and marks: the terminal, pages, and exports to other systems."""
