"""Tools that servers of the Model Context Protocol bring."""
