"""What holds for every host and is a matter of the distribution, not of the fleet."""

# Without pam_systemd and the bus there is no user manager for a user who is not logged in.
packages = {
    "debian": [
        *("acl", "ca-certificates", "curl", "dbus-user-session", "libpam-systemd", "python3", "python3-venv"),
    ],
    "fedora": ["acl", "ca-certificates", "curl", "dbus-broker", "python3", "systemd-pam", "util-linux"],
}

# Feature → what it needs besides; RHEL and its kin have no Docker of their own, which the host's packager says then.
feature_packages = {
    "debian": {
        "docker": ["docker.io"],
        "ufw": ["ufw"],
        "nftables": ["nftables"],
        "updates": ["unattended-upgrades"],
    },
    "fedora": {"docker": ["moby-engine"], "nftables": ["nftables"]},
}

# Releases that stay on a host beside those in use, so that going back needs no upload.
keep_releases = 5
