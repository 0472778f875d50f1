"""Programs that run inside the interpreter of the project under test.

They import nothing of Gatekeeper, only the standard library, pytest, coverage and pylint, and keep to the syntax
of Python 3.8, since the project may run an older Python than Gatekeeper does.
"""
