"""What earns points: one module of plain pytest and hypothesis per section, readable by a student."""
