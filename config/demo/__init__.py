"""The demo: an example world, requests to fill it, and a tour of what came of them."""
