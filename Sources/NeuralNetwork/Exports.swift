// A network is written with these names of the lower rooms: `.same`, `.relu`, `(3, 3)`.
@_exported import enum ComputeGraph.ActivationFunction
@_exported import enum ComputeGraph.Padding
@_exported import enum ComputeGraph.UpSampling
