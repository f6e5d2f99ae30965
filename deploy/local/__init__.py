"""The local stack: a real broker and a real search node as child processes, without containers."""
