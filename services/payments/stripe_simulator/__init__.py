"""A small server with Stripe's own paths, shapes and manners, for running and testing without Stripe keys."""

from services.payments.stripe_simulator.app import create_app
from services.payments.stripe_simulator.faults import Fault, FaultSwitches
from services.payments.stripe_simulator.server import serve
from services.payments.stripe_simulator.simulator import StripeSimulator

__all__ = ["Fault", "FaultSwitches", "StripeSimulator", "create_app", "serve"]
