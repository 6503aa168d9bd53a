namespace CacheProxy.SemanticCache;

/// <summary>Time that each step of a look-up took; zero for steps that were not reached.</summary>
public record struct StageTimes
{
    /// <summary>For questions that were about to become findable.</summary>
    public TimeSpan Wait { get; set; }

    /// <summary>Static vectors.</summary>
    public TimeSpan Prefilter { get; set; }

    public TimeSpan Embed { get; set; }

    public TimeSpan Search { get; set; }

    public TimeSpan Guard { get; set; }

    public TimeSpan Verify { get; set; }

    public TimeSpan Fetch { get; set; }

    public readonly TimeSpan Total => Wait + Prefilter + Embed + Search + Guard + Verify + Fetch;
}
