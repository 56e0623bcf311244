"""The route table that the modules of the API fill."""

from shared.http.routes import Routes

routes = Routes("posyantek")
