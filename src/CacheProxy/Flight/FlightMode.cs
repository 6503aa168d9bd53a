namespace CacheProxy.Flight;

/// <summary>The form of an answer. A stream never waits for an object: its first byte would come with the last.</summary>
public enum FlightMode
{
    Object,
    Stream,
}
