namespace CacheProxy.Forward.Upstreams;

/// <summary>What an upstream's health says to whoever is about to ask it.</summary>
internal enum Admission
{
    Free,

    /// <summary>It rests; this one request goes to see whether it is well again.</summary>
    Trial,

    /// <summary>It rests.</summary>
    Refused,
}
