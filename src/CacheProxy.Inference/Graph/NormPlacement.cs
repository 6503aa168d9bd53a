namespace CacheProxy.Inference.Graph;

/// <summary>Where a sublayer's RMS norms stand.</summary>
internal enum NormPlacement
{
    /// <summary>In front of attention and feed-forward.</summary>
    Before,

    /// <summary>Behind them, before the result is added to the residual stream.</summary>
    After,

    /// <summary>Both.</summary>
    Around,
}
