"""Many gateways as data: what the fleet file says, the instances it makes, and everything that is wrong with them."""
