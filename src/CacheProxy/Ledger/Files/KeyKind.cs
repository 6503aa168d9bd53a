namespace CacheProxy.Ledger.Files;

/// <summary>What sums of a day are kept by, beside the cells.</summary>
internal enum KeyKind
{
    User,
    Entry,
    Prefix,
}
