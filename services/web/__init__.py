"""The pages that people see; owns no data and calls the services over HTTP."""
