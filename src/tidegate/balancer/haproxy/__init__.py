"""The only code that knows HAProxy's commands, files and processes."""
