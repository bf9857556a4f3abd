"""The corpus for other assistants, by the Model Context Protocol: tools that ask and look up, and resources."""
