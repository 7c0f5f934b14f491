"""What must come out: closed forms, torch's own functions and plain definitions. The worker never imports any of it."""
