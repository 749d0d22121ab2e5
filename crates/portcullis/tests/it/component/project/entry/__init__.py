"""The only application of a platform that people sign in to."""
