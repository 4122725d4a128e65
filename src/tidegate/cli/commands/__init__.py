"""One module a subcommand; each exports `app`."""
