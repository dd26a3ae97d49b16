"""The design one would write first, with the same libraries: what Fieldhook's own is compared with."""
