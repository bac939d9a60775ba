"""Part IV of the course: trust and choice."""
