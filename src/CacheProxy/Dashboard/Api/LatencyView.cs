namespace CacheProxy.Dashboard.Api;

/// <summary>Seconds of hits (exact, stale, semantic, collapsed) and of misses, to the first byte and to the last.</summary>
public sealed record LatencyView(PercentilesView HitFirstByte, PercentilesView HitTotal, PercentilesView MissFirstByte, PercentilesView MissTotal);

/// <summary>Seconds; null where nothing was counted.</summary>
public sealed record PercentilesView(long Count, double? P50, double? P90, double? P95, double? P99);
