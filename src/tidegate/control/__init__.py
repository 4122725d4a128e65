"""Tidegate's control."""
