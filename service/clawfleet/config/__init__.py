"""What the operator wrote: paths and profile, the typed config, edits that keep the file's own words."""
