"""Whether what callers are told about one patient can be explained, whoever writes and whatever is killed meanwhile."""
