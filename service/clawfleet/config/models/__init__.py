"""The config file's sections as typed models, one file per section."""
