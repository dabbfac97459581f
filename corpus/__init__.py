"""Our own articles and annotations, and the tools that read them."""
