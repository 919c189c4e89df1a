"""The hub on a Redis Cluster: masters die, keys move, replicas lag."""
