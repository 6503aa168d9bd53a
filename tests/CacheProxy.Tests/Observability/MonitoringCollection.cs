namespace CacheProxy.Tests.Observability;

/// <summary>Tests that look at what one proxy and one backend measured while they worked.</summary>
[CollectionDefinition(nameof(MonitoringCollection))]
public sealed class MonitoringCollection : ICollectionFixture<ScrapedMetrics>;
