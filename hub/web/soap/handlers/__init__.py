"""One handler per operation, named after it: read the request part, call one service, write the answer part."""
