"""Who a customer is: aliases of units, their keyed hashes, and the facts that name them."""
