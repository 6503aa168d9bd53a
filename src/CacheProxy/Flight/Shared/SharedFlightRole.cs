namespace CacheProxy.Flight.Shared;

/// <summary>Who makes an answer that several proxies are asked for.</summary>
public enum SharedFlightRole
{
    /// <summary>Nothing is known of other proxies, or they cannot be asked: this one makes the answer for its own clients.</summary>
    Alone,

    /// <summary>This proxy makes it, and writes it to the log.</summary>
    Leader,

    /// <summary>Another proxy does; its log has it.</summary>
    Follower,
}
