using CacheProxy.Exchange;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>One epoch for all namespaces, as the test sets it.</summary>
internal sealed class FakeEpochs : INamespaceEpochs
{
    public int Epoch { get; set; }

    public int Of(string space) => Epoch;
}
