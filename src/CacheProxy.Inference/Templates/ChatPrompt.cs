namespace CacheProxy.Inference.Templates;

/// <summary>A rendered conversation that still knows which characters the template wrote. Neighbouring segments differ in origin.</summary>
public sealed class ChatPrompt(IReadOnlyList<PromptSegment> segments)
{
    public IReadOnlyList<PromptSegment> Segments { get; } = segments;

    /// <summary>All of it as one string: what a reference implementation renders.</summary>
    public string Text { get; } = string.Concat(segments.Select(segment => segment.Text));
}
