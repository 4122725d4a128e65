"""Tidegate's control/decisions."""
