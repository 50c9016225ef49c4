"""Named datasets: registry, local files, downloads, loading."""
