"""Object bytes as named files on disk, and the data dir that holds them."""
