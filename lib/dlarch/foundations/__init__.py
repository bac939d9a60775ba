"""Part I of the course: from a line to depth."""
