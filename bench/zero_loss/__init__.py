"""The zero-loss drill: deploys and kills under mixed load."""
