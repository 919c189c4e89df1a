"""The certificates that the hub uses: read anew when their files change, and reported before they end."""
