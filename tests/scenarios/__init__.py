"""The samples at full size, through the HTTP interface of a server of their own."""
