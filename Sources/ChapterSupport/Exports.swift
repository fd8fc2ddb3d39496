// A chapter counts its work with these names of a lower room: `ProgressBar`, `counted`.
@_exported import Terminal
