namespace CacheProxy.Stores.Resilience;

/// <summary>A removal could not be carried out: what was to be removed may still be there.</summary>
public sealed class StoreUnavailableException(string store, Exception? innerException)
    : Exception($"{store} could not be reached; nothing was removed there.", innerException);
