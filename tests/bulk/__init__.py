"""References in bulk: files that come in and go out, whatever is in them and whatever happens meanwhile."""
