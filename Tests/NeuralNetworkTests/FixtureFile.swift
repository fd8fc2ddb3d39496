import FixtureSupport
import HDF5

/// The root group of a fixture file.
func fixtureRoot(_ name: String) throws -> HDF5Group { try HDF5File(reading: Fixtures.path(name)).root }
