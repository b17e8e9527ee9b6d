"""The `file` destination: documents in a folder, for another program or an archive to take."""
