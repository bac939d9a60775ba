"""Part III of the course: sequences."""
