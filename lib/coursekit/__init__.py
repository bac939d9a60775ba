"""How the course is taught: build the book, release exercises, grade and report."""
