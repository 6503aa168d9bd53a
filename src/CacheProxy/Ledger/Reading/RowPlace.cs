namespace CacheProxy.Ledger.Reading;

/// <summary>Where a page of rows ended.</summary>
/// <param name="Time">Unix milliseconds.</param>
internal readonly record struct RowPlace(long Time, long Id);
