"""The process that `hub serve` is: it starts Redis and the workers, watches over them, and stops them in order."""

from hub.supervisor.supervise import supervise
from hub.supervisor.worker_process import StartFailed

__all__ = ["StartFailed", "supervise"]
