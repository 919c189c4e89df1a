"""The registries and the index in dictionaries, put together."""

from hub.storage.memory import MemoryPatientRegistry, MemoryReferenceIndex
from hub.storage.memory_access import MemoryAccessRegistry, MemoryAuditTrail


def memory_index(kind: type[MemoryReferenceIndex] = MemoryReferenceIndex) -> MemoryReferenceIndex:
    """An empty index of this class."""
    trail = MemoryAuditTrail()
    patients = MemoryPatientRegistry(trail)
    return kind(patients, MemoryAccessRegistry(patients, trail), trail)
