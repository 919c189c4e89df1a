"""A whole hub network on one machine, with invented people and documents, for people who write clients.

`people` and `documents` are what is in it, `hospital` a hospital's own server, `client` and `publisher` the systems
that talk to the hub, `network` the processes, `demo` and `folder_demo` the scenarios that are played on it.
"""
