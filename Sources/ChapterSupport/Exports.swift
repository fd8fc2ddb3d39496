// A chapter counts its work, and warns, with these names of lower rooms: `ProgressBar`, `counted`, `warn`.
@_exported import Terminal
@_exported import Messages
