"""Pure: health states, who may be sent requests, HAProxy's configuration and commands, reports."""
