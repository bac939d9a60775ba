"""Part II of the course: convolutional networks."""
