namespace CacheProxy.Storage;

/// <summary>How it goes with a file that is written behind the requests. May be read from any thread.</summary>
public interface IFileHealth
{
    /// <summary>Without its folder.</summary>
    string Name { get; }

    /// <summary>It could not be used the last time.</summary>
    bool IsFailing { get; }

    /// <summary>How often it could not be used.</summary>
    long Faults { get; }

    /// <summary>How often it was put aside, and a new one begun.</summary>
    long SetAside { get; }
}
