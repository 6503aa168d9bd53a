namespace CacheProxy.Tuning.Advice;

/// <summary>Where <c>tune</c> takes its evidence from.</summary>
public enum EvidenceSource
{
    /// <summary>Requests that went upstream anyway, so that it is known whether a stored answer would have been right.</summary>
    Shadow,

    /// <summary>Served hits that were audited. Nothing is known below the threshold of that time.</summary>
    Ledger,

    /// <summary>A file of labelled pairs.</summary>
    Pairs,
}
