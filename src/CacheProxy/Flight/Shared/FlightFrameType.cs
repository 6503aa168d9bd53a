namespace CacheProxy.Flight.Shared;

/// <summary>What one part of a shared flight's log is.</summary>
internal enum FlightFrameType : byte
{
    Head = 1,
    Body = 2,
    End = 3,
}
