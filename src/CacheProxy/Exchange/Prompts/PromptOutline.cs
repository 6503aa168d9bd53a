namespace CacheProxy.Exchange.Prompts;

/// <summary>Where the prompt of a request could be cut so that the beginning is another's too, and what the request asks of the provider's cache. Immutable.</summary>
/// <param name="Boundaries">From the front on, one at least; the last is the end of the whole prompt, where it has turns.</param>
public sealed record PromptOutline(PromptBoundary[] Boundaries)
{
    /// <summary>A mark stands somewhere that is no boundary: between two blocks of a turn, or behind the tools.</summary>
    public bool HasInnerMark { get; init; }

    public PromptRetention Retention { get; init; }

    /// <summary>The first turn is instructions; where there are none, a model's template may put its own in their place.</summary>
    public bool HasInstructions { get; init; }

    /// <summary>The end of what other requests are likely to have in common with this one: all but its last turn.</summary>
    public PromptBoundary Prefix => Boundaries[Math.Max(0, Boundaries.Length - 2)];

    /// <summary>The end of the prompt.</summary>
    public PromptBoundary End => Boundaries[^1];

    /// <summary>Some boundary, or some place between two, is marked.</summary>
    public bool HasMark => HasInnerMark || Array.Exists(Boundaries, boundary => boundary.Mark != PromptMark.None);
}
