namespace CacheProxy.Exchange.Answers;

/// <summary>The tariff at which a provider says that it ran a call (<c>service_tier</c>). Kept in entries: a number, once given out, stays.</summary>
public enum ServiceTier : byte
{
    /// <summary>The list price; also where the provider does not say.</summary>
    Standard = 0,

    /// <summary>Slower and cheaper.</summary>
    Flex = 1,

    /// <summary>Faster and dearer.</summary>
    Priority = 2,

    Batch = 3,

    /// <summary>One that nobody here knows the price of, reserved capacity among them.</summary>
    Other = 4,
}
