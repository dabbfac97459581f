"""Constraints, load statements and the library of questions, as plain Cypher files."""
