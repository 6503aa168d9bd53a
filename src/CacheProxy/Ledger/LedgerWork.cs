namespace CacheProxy.Ledger;

/// <summary>Who caused what a row stands for. Only <see cref="Client"/> rows are requests; what the others paid is the cache's own spending.</summary>
public enum LedgerWork : byte
{
    /// <summary>A client's request.</summary>
    Client,

    /// <summary>An entry asked for anew behind the clients' backs.</summary>
    Refresh,

    /// <summary>A question that a semantic hit answered, asked upstream to compare.</summary>
    Audit,

    /// <summary>A model asked whether two answers say the same.</summary>
    Judge,

    /// <summary>Questions embedded by an endpoint.</summary>
    Embedding,
}
