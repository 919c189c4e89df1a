"""The floor: two servers that do only what no hub can leave out when it answers GetTransactionList.

Read the body, parse it, check it against the schema, take out the fields the answer needs, one GET, unpack the
references, write the rows from text that was prepared beforehand, send. The answer is the one the hub gives, byte for
byte but for its own id, the time, and namespaces that the repeated request does not use. Of signed messages both
signatures are checked. What a hub does besides, and the floor does not: everything else about a signed message, first
of all whether it came before, and who the requester is; filtering, sorting and paging, rules beyond the schema,
pseudonyms and sealed values, minting ids (they are kept ready), deadlines, limits, metrics, logging, and every other
operation.
"""
