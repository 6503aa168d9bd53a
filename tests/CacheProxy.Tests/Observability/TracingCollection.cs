namespace CacheProxy.Tests.Observability;

/// <summary>Who listens to spans hears those of every proxy in the process: these tests run by themselves.</summary>
[CollectionDefinition(nameof(TracingCollection), DisableParallelization = true)]
public sealed class TracingCollection;
