"""What people made of the matches, gathered for learning: read on demand, by no stage."""
