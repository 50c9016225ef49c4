"""Named datasets: registry, files on this machine, downloads, loading."""
