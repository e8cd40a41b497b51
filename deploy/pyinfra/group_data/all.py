"""What holds for every host and is a matter of the distribution, not of the fleet."""

# Without libpam-systemd and the bus there is no user manager for a user who is not logged in.
debian_packages = ["ca-certificates", "dbus-user-session", "libpam-systemd", "python3", "python3-venv"]

# Releases that stay on a host beside those in use, so that going back needs no upload.
keep_releases = 5
