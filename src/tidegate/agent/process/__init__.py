"""The runtime without containers: an image is a directory, a container a supervised process group."""
