"""What an invented hospital writes."""
