"""The component's only application."""
