"""Reports that are kept as they were made, and made again to see whether they hold."""
