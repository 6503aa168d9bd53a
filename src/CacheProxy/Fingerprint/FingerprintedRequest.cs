using CacheProxy.Exchange;
using CacheProxy.Exchange.Routes;

namespace CacheProxy.Fingerprint;

/// <summary>What a body's bytes come to within one scope and namespace. Immutable, shared by every request with the same bytes.</summary>
/// <param name="Epoch">The namespace's, as it went into the hashes.</param>
/// <param name="HasDuplicateNames">It holds an object with the same name twice, so it may mean something else upstream than here.</param>
public sealed record FingerprintedRequest(
    Fingerprint256 Fingerprint, Fingerprint256 Partition, RequestFacts Facts, UpstreamRoute Route, int Epoch, bool HasDuplicateNames);
