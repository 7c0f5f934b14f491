"""The reader of hand-ins: files, folders, notebooks, archives."""
