"""Pure readers and writers of text that other programs wrote or will read."""
