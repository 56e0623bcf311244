"""From the API's answers to what templates draw: pure functions, without HTTP and without words of their own if they can."""
