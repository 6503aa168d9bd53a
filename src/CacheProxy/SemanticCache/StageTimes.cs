namespace CacheProxy.SemanticCache;

/// <summary>Time that each step of a look-up took; zero for steps that were not reached.</summary>
public record struct StageTimes
{
    public TimeSpan Embed { get; set; }

    public TimeSpan Search { get; set; }

    public TimeSpan Guard { get; set; }

    public TimeSpan Verify { get; set; }

    public TimeSpan Fetch { get; set; }

    public readonly TimeSpan Total => Embed + Search + Guard + Verify + Fetch;
}
