"""The front door: one port for WebSocket, HTTP and the Control UI."""
