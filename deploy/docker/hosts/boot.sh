#!/bin/sh
# Give this container its own cgroup v2 tree, then become systemd. Works without --privileged, see docs/fleet.md.
set -eu
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
exec /sbin/init
