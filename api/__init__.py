"""HTTP, pages and command line; knows the domain and the statistics, is known by neither."""
