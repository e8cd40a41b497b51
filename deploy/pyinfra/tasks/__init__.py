"""The steps of a deploy, in the order of deploy.py."""
