"""Published experiments, from registration to report, through the HTTP interface alone."""
