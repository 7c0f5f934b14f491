"""The reader of what is handed in: files, folders, notebooks, archives."""
