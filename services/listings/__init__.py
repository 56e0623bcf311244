"""UKM businesses, what they sell, and how it is found."""
