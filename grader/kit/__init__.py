"""What a student is handed: stubs, notebooks, the release."""
