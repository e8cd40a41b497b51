"""Tools that read and change files: one module each, on one way to the file system."""
