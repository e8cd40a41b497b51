"""Telegram bots, one instance per account, over python-telegram-bot and long polling."""
