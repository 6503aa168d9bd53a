namespace CacheProxy.Inference.Engine;

/// <summary>Whether the engine takes requests.</summary>
public enum EngineState
{
    Running,

    /// <summary>Finishing what was accepted; refuses new requests.</summary>
    Stopping,

    Stopped,

    /// <summary>Gave up after repeated failures; everything ended with an error and new requests are refused.</summary>
    Unhealthy,
}
