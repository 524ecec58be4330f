"""What keeps definitions from changing unseen."""
