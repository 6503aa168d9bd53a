using System.Collections.Concurrent;
using CacheProxy.Exchange;

namespace CacheProxy.Invalidation;

/// <summary>The epochs of this process.</summary>
public sealed class NamespaceEpochs : INamespaceEpochs
{
    private readonly ConcurrentDictionary<string, int> _epochs = new(StringComparer.Ordinal);

    public int Of(string space) => _epochs.GetValueOrDefault(space);
}
