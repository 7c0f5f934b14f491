"""Files for other systems: learning platforms, CI services, GitHub."""
